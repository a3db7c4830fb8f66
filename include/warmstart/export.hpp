#pragma once

/// Marks what a shared library offers to programs; all else in it is hidden.
#define WARMSTART_EXPORT __attribute__((visibility("default")))
/// What is declared within a class that is marked, and is not for programs.
#define WARMSTART_NO_EXPORT __attribute__((visibility("hidden")))
