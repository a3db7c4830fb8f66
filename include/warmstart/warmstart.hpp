#pragma once

// All of warmstart:
//
//     variable_store store;                                    variables by name, nothing allocated
//     init_from_checkpoint(store, path, {{"old/", "new/"}});   assigns tensors; reads metadata only
//     run_initializers(store);                                 reads every byte once
//     verify(store);                                           checks the bytes in device memory

#include "warmstart/checkpoint.hpp"
#include "warmstart/device.hpp"
#include "warmstart/dlpack.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/engine.hpp"
#include "warmstart/error.hpp"
#include "warmstart/file_system.hpp"
#include "warmstart/host_buffer.hpp"
#include "warmstart/init_from_checkpoint.hpp"
#include "warmstart/initializer.hpp"
#include "warmstart/links.hpp"
#include "warmstart/load_checkpoint.hpp"
#include "warmstart/memory.hpp"
#include "warmstart/partial_checksums.hpp"
#include "warmstart/partitioner.hpp"
#include "warmstart/plan.hpp"
#include "warmstart/progress.hpp"
#include "warmstart/read_back.hpp"
#include "warmstart/run.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"
#include "warmstart/trace.hpp"
#include "warmstart/transform.hpp"
#include "warmstart/variable.hpp"
#include "warmstart/variable_store.hpp"
#include "warmstart/verify.hpp"
#include "warmstart/version.hpp"
