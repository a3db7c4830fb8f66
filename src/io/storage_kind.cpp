#include "io/storage_kind.hpp"

#include <linux/magic.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace warmstart::detail {
namespace {

constexpr std::uint32_t REMOTE[] = {
    FUSE_SUPER_MAGIC,  // sshfs, bucket mounts, virtiofs, ...
    NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, CEPH_SUPER_MAGIC,
    AFS_SUPER_MAGIC, AFS_FS_MAGIC, CODA_SUPER_MAGIC, V9FS_MAGIC,
    // Not in the kernel's headers:
    0x0BD00BD0,  // Lustre
    0x47504653,  // GPFS
    0x19830326,  // BeeGFS
    0xAAD7AAEA,  // PanFS
    0x20030528,  // OrangeFS
    0x786F4256,  // vboxsf
    0xBACBACBC,  // vmhgfs
};

std::uint32_t magic_of(const struct statfs& of) noexcept {
  return static_cast<std::uint32_t>(of.f_type);  // signed on some architectures
}

}  // namespace

bool is_remote(const struct statfs& of) noexcept {
  return std::find(std::begin(REMOTE), std::end(REMOTE), magic_of(of)) != std::end(REMOTE);
}

std::size_t mapped_page_bytes(const struct statfs& of) noexcept {
  if (magic_of(of) == HUGETLBFS_MAGIC) return static_cast<std::size_t>(of.f_bsize);
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace warmstart::detail
