// Variables of a new model take their values from a checkpoint of an old one: by scope, by name,
// by variable, and a partitioned one by the list of its parts.

#include <iostream>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: init_from_checkpoint CHECKPOINT\n";
    return 2;
  }
  const std::string path = argv[1];

  ws::variable_store vars{ws::device::best()};  // cuda:0 if there is one, else the host
  auto var1 = vars.scope("new_scope_1").get_variable("var1", {20, 2});
  auto var2 = vars.scope("new_scope_2").get_variable("var2", {50, 4});
  auto var3 = vars.scope("new_scope_2")
                  .get_variable("var3", {100, 100},
                                {.partitioner = ws::fixed_size_partitioner(5),
                                 .placement = ws::round_robin({ws::device::best()})});

  ws::init_from_checkpoint(vars, path, {{"old_scope_1/", "new_scope_1/"}});
  ws::init_from_checkpoint(vars, path,
                           {{"old_scope_1/var1", "new_scope_1/var1"}, {"old_scope_1/var2", var2}});
  ws::init_from_checkpoint(vars, path, {{"old_scope_2/var3", "new_scope_2/var3"}});
  const auto resolved = ws::init_from_checkpoint(vars, path, {{"old_scope_2/var3", var3.parts()}});
  std::cout << to_string(resolved) << '\n';

  const ws::load_report report = ws::run_initializers(vars);  // now the bytes move, once
  std::cout << to_string(report);
  const ws::verification_report resident = ws::verify(vars);
  std::cout << (resident.complete() ? "verified\n" : "not verified\n");
  return resident.complete() ? 0 : 1;
}
