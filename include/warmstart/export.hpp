#pragma once

/// Marks a declaration as public: a shared library exports it and hides everything else.
#define WARMSTART_EXPORT __attribute__((visibility("default")))
/// Hides a private member of a class that is marked with WARMSTART_EXPORT.
#define WARMSTART_NO_EXPORT __attribute__((visibility("hidden")))
