#include "support/fuse_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>

namespace warmstart::detail::test {
namespace {

// Looking this name up ends the session, after an answer: it cannot be missed, as a flag could that
// is set while the session waits.
constexpr std::string_view LAST_NAME = "..end";

// Checks what fuse_session_mount needs, because its own messages are less clear.
void require_fuse() {
  const int device = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (device < 0) {
    throw std::runtime_error(std::string("tests of FUSE file systems need /dev/fuse: ") +
                             std::strerror(errno));
  }
  ::close(device);
}

}  // namespace

fuse_files::fuse_files() {
  require_fuse();
  fuse_lowlevel_ops calls{};
  calls.lookup = look_up;
  calls.getattr = get_attributes;
  calls.open = open_file;
  calls.read = read_file;
  char program[] = "warmstart_tests";
  char* arguments[] = {program, nullptr};
  fuse_args given = FUSE_ARGS_INIT(1, arguments);
  session_ = fuse_session_new(&given, &calls, sizeof(calls), this);
  fuse_opt_free_args(&given);
  if (session_ == nullptr) throw std::runtime_error("fuse_session_new failed");
  if (fuse_session_mount(session_, directory_.str().c_str()) != 0) {
    fuse_session_destroy(session_);
    throw std::runtime_error(
        "tests of FUSE file systems need to mount one: as root with CAP_SYS_ADMIN, or else by the "
        "program fusermount3 (Debian package fuse3)");
  }
  serving_ = std::thread([this] { (void)fuse_session_loop(session_); });
}

fuse_files::~fuse_files() {
  (void)::access((directory_ / LAST_NAME).c_str(), F_OK);
  serving_.join();
  fuse_session_unmount(session_);
  fuse_session_destroy(session_);
}

void fuse_files::put(const std::string& name, std::string contents) {
  const std::lock_guard lock(mutex_);
  stored_file& here = files_[name];
  here.contents = std::move(contents);
  ++here.modified_s;
}

bool fuse_files::describe(fuse_ino_t inode, struct stat& into) {
  into = {};
  into.st_ino = inode;
  into.st_uid = ::getuid();
  if (inode == FUSE_ROOT_ID) {
    into.st_mode = S_IFDIR | 0755U;
    into.st_nlink = 2;
    return true;
  }
  const auto named = names_.find(inode);
  if (named == names_.end()) return false;
  const stored_file& here = files_.at(named->second);
  into.st_mode = S_IFREG | 0644U;
  into.st_nlink = 1;
  into.st_size = std::ssize(here.contents);
  into.st_mtim.tv_sec = here.modified_s;
  return true;
}

// Timeouts of 0 seconds: the kernel caches nothing and asks each time.
void fuse_files::look_up(fuse_req_t request, fuse_ino_t parent, const char* name) {
  fuse_files& in = of(request);
  const std::lock_guard lock(in.mutex_);
  if (name == LAST_NAME) fuse_session_exit(in.session_);
  if (parent != FUSE_ROOT_ID || !in.files_.contains(name)) {
    fuse_reply_err(request, ENOENT);
    return;
  }
  fuse_entry_param found{};
  found.ino = ++in.last_inode_;
  in.names_[found.ino] = name;
  (void)in.describe(found.ino, found.attr);
  fuse_reply_entry(request, &found);
}

void fuse_files::get_attributes(fuse_req_t request, fuse_ino_t inode, fuse_file_info* /*open*/) {
  fuse_files& in = of(request);
  const std::lock_guard lock(in.mutex_);
  struct stat found {};
  if (in.describe(inode, found)) {
    fuse_reply_attr(request, &found, 0);
  } else {
    fuse_reply_err(request, ENOENT);
  }
}

void fuse_files::open_file(fuse_req_t request, fuse_ino_t /*inode*/, fuse_file_info* open) {
  if ((open->flags & O_DIRECT) != 0 && of(request).direct_ == direct_reads::fail_to_open) {
    fuse_reply_err(request, EINVAL);
  } else {
    fuse_reply_open(request, open);
  }
}

void fuse_files::read_file(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset,
                           fuse_file_info* open) {
  fuse_files& in = of(request);
  while (offset >= in.held_from_) {
    in.holds_ = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  in.holds_ = false;
  const std::lock_guard lock(in.mutex_);
  ++in.reads_;
  const bool direct = (open->flags & O_DIRECT) != 0;
  if (direct) ++in.direct_reads_;
  if (direct && in.direct_ == direct_reads::fail) {
    fuse_reply_err(request, EINVAL);
    return;
  }
  const std::string& contents = in.files_.at(in.names_.at(inode)).contents;
  const auto begin = std::min(static_cast<std::size_t>(offset), contents.size());
  fuse_reply_buf(request, contents.data() + begin, std::min(size, contents.size() - begin));
}

}  // namespace warmstart::detail::test
