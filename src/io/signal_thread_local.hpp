#pragma once

/// Before a thread-local variable that a signal handler looks at: with this model, the look
/// allocates nothing.
///
/// All thread-local memory of a module that has such a variable comes from the little that is
/// reserved for modules that are loaded late. The static CUDA runtime alone has more, so a Python
/// module with it defines another model. There, a handler's first look on a thread that never read
/// a mapped file may allocate.
#ifndef WARMSTART_SIGNAL_TLS_MODEL
#define WARMSTART_SIGNAL_TLS_MODEL "initial-exec"
#endif
#define WARMSTART_SIGNAL_THREAD_LOCAL \
  [[gnu::tls_model(WARMSTART_SIGNAL_TLS_MODEL)]] constinit thread_local
