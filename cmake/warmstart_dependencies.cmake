# The libraries of the product; scripts/packages lists the Debian packages that bring them.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(Snappy REQUIRED)
find_package(ISAL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_path(PROTOZERO_INCLUDE_DIR protozero/pbf_message.hpp REQUIRED)
find_path(DLPACK_INCLUDE_DIR dlpack/dlpack.h REQUIRED)
