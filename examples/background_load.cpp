// A load runs beside the program, which watches it and could stop it.

#include <chrono>
#include <iostream>
#include <thread>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: background_load CHECKPOINT\n";
    return 2;
  }
  ws::variable_store vars{"cpu:0"};
  auto table = vars.get_variable("table", {100, 100});
  ws::init_from_checkpoint(vars, argv[1], {{"scope/var1", table}});

  ws::engine engine;  // keeps threads and staging memory for the next load
  ws::load_handle load = ws::run_initializers_async(vars, {.engine = &engine});
  while (!load.done()) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // or work
  const ws::load_report report = load.wait();

  std::cout << "read " << report.bytes_read << " bytes for " << table.name() << '\n';
  return table.is_initialized() ? 0 : 1;
}
