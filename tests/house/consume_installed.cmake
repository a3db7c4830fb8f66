# Installs the release build as KIND (static, shared), builds the project in consumer/ against what was
# installed, with g++ and with clang++, with CMake and with pkg-config, and runs what it built.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
set(installed ${WORK_DIR}/installed)
set(library_path ${installed}/lib)
file(REMOVE_RECURSE ${WORK_DIR})

# Another KIND than the build's has a component of its own. The list of what somebody has installed from
# this build before is put back.
set(manifest ${BUILD_DIR}/install_manifest.txt)
if(EXISTS ${manifest})
  file(COPY_FILE ${manifest} ${WORK_DIR}.manifest)
endif()
if(COMPONENT)
  set(of_component --component ${COMPONENT})
  set(manifest ${BUILD_DIR}/install_manifest_${COMPONENT}.txt)
endif()
step(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${installed} ${of_component})
file(COPY_FILE ${manifest} ${WORK_DIR}/manifest.txt)
if(EXISTS ${WORK_DIR}.manifest)
  file(RENAME ${WORK_DIR}.manifest ${BUILD_DIR}/install_manifest.txt)
endif()

# What is there.
file(GLOB_RECURSE files RELATIVE ${installed} ${installed}/*)
foreach(pattern IN ITEMS "^lib/libwarmstart[.](a|so)$" "^include/warmstart/warmstart[.]hpp$" "doc/warmstart/LICENSE$"
    "^lib/cmake/warmstart/warmstart-config[.]cmake$" "^lib/pkgconfig/warmstart[.]pc$")
  set(found ${files})
  list(FILTER found INCLUDE REGEX ${pattern})
  expect(found "nothing like ${pattern} was installed")
endforeach()
list(FILTER files EXCLUDE REGEX
  "^(bin/warmstart$|include/warmstart/|lib/libwarmstart(_testing)?[.]|lib/cmake/warmstart/|share/)")
list(REMOVE_ITEM files lib/pkgconfig/warmstart.pc)
if(files)
  message(FATAL_ERROR "does not belong to an installed tree: ${files}")
endif()
if(NOT COMPONENT)
  step(${CMAKE_COMMAND} -E env --unset=LD_LIBRARY_PATH ${installed}/bin/warmstart --version)
endif()

# With CMake. A shared library asks for nothing else.
set(options -DCMAKE_PREFIX_PATH=${installed} -DCMAKE_EXE_LINKER_FLAGS=-Wl,--enable-new-dtags)
if(KIND STREQUAL shared)
  foreach(package IN ITEMS Threads fmt Snappy ISAL ZLIB CUDAToolkit)
    list(APPEND options -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
  endforeach()
else()
  list(APPEND options -DWITH_TESTING=ON)
  if(CUDA_COMPILER)
    cmake_path(GET CUDA_COMPILER PARENT_PATH toolkit)
    list(APPEND options -DCUDAToolkit_ROOT=${toolkit}/..)
  endif()
endif()
foreach(compiler IN ITEMS ${CXX} ${CLANGXX})
  get_filename_component(name ${compiler} NAME)
  set(build ${WORK_DIR}/${name})
  set(own_options ${options})
  if(compiler STREQUAL CLANGXX AND KIND STREQUAL static)
    list(APPEND own_options -DEXAMPLES=${ROOT}/examples)  # g++ compiles them in the build
  endif()
  configure(${build} -DCMAKE_CXX_COMPILER=${compiler} ${own_options})
  step(${CMAKE_COMMAND} --build ${build})
  step(${build}/consumer ${CHECKPOINT})
  if(KIND STREQUAL static)
    step(${build}/leaking_test)
  endif()
endforeach()
if(CUDA_COMPILER AND KIND STREQUAL static)
  configure(${WORK_DIR}/cuda -DWITH_CUDA=ON -DCMAKE_CUDA_COMPILER=${CUDA_COMPILER} -DCMAKE_CUDA_ARCHITECTURES=90
    -DCMAKE_CUDA_RUNTIME_LIBRARY=Shared ${options})
  step(${CMAKE_COMMAND} --build ${WORK_DIR}/cuda --target device_code)
  step(${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${EMULATOR} ${WORK_DIR}/cuda/device_code ${CHECKPOINT})
endif()

# Without CMake.
set(ENV{PKG_CONFIG_PATH} ${library_path}/pkgconfig)
execute_process(COMMAND pkg-config --cflags --libs warmstart OUTPUT_VARIABLE flags
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
message(STATUS "pkg-config: ${flags}")
separate_arguments(flags)
step(${CXX} -std=c++20 -DPACKAGE_VERSION="" ${SOURCE_DIR}/main.cpp ${flags} -o ${WORK_DIR}/by_pkg_config)
step(${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${library_path} ${WORK_DIR}/by_pkg_config ${CHECKPOINT})

# Nothing is left.
step(${CMAKE_COMMAND} -DMANIFEST=${WORK_DIR}/manifest.txt -P ${UNINSTALL})
file(GLOB_RECURSE files ${installed}/*)
if(files)
  message(FATAL_ERROR "left behind: ${files}")
endif()
