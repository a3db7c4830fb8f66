#include <warmstart/warmstart.hpp>

int main(int, char** argv) {
  warmstart::variable_store vars{"cpu:0"};
  auto kernel = vars.get_variable("kernel", {20, 2});
  warmstart::init_from_checkpoint(vars, argv[1], {{"old_scope_1/var1", kernel}});
  warmstart::run_initializers(vars);
  return warmstart::verify(vars).complete() && kernel.is_initialized() ? 0 : 1;
}
