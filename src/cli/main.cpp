#include "cli/program.hpp"

int main(int argc, char** argv) {
  return warmstart::detail::cli::run_program(argc, argv);
}
