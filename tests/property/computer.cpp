#include "tests/property/computer.h"

#include <fmt/core.h>

#include "request/returning.h"
#include "verifier/store.h"

namespace oak::property {

using test::product;

Computer::Computer(Site& site, unsigned number) : site_(site) {
  parts_made = std::max(parts_made, number * 1000);
  replace_board();
  replace_network();
  replace_disk();
  replace_system();
}

void Computer::set_board(unsigned number) {
  board_ = number;
  host_.set_platform(fmt::format("1f2e3d4c-5b6a-4978-8796-a5b4{:08x}", number * 7919), fmt::format("PF3K{:06}", number),
                     fmt::format("L1HF{:07}", number));
}
void Computer::replace_network() {
  const unsigned number = ++parts_made;
  host_.set_network(fmt::format("3c:52:82:{:02x}:{:02x}:{:02x}", number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff));
}
void Computer::replace_disk() { host_.set_disk(fmt::format("S4EVNF0M{:07}", ++parts_made)); }
void Computer::replace_system() { host_.set_system(fmt::format("6fa459eaee8a3ca4894edb77{:08x}", ++parts_made * 7919)); }
void Computer::take_board_of(Computer& other) {
  set_board(other.board_);
  other.replace_board();
}

Outcome<Created> Computer::ask(std::uint64_t seats) {
  CreateInput input{.product = product, .version = "3.5", .seats = seats, .site = {}, .reason = {}, .site_secret = {}};
  input.licence_key = &site_.licence_key;
  return create_request(machine(), collect(host_), site_.random, input);
}

KeyPair Computer::machine_key() const {
  test::FakeDisk disk = state.disk;
  return *Store(disk, test::state_dir, 0).key_pair(product, MachineKey::machine);
}

bool Computer::import(ByteView activation) {
  return install(machine(), site_.trust, {"activation.oak", activation, &site_.licence_key, {}}).has_value();
}

std::optional<Answer> Computer::check(std::uint64_t seats) {
  auto answer =
      Check::load(machine(), site_.trust, product).and_then([&](Check check) { return check.answer(*make_question("3.5", seats)); });
  return answer ? std::optional(std::move(*answer)) : std::nullopt;
}

void Computer::start() { check(0); }

std::vector<Returned> Computer::give_back(const std::string& activation) {
  const auto plan = plan_return(machine(), site_.trust, {product, {}, activation});
  if (!plan) return {};
  auto receipt = oak::give_back(machine(), *plan);
  if (!receipt) return {};
  return {{name_of(plan->receipt.activation), std::move(*receipt)}};
}

std::vector<Returned> Computer::give_back_replaced() {
  const auto replaced = plan_replaced(machine(), site_.trust, {product, {}, {}});
  std::vector<Returned> out;
  if (!replaced) return out;
  for (const ReturnPlan& plan : replaced->plans)
    if (auto receipt = oak::give_back(machine(), plan)) out.push_back({name_of(plan.receipt.activation), std::move(*receipt)});
  return out;
}

std::optional<Answer> Computer::look(std::uint64_t seats) {
  state.disk.read_only = true;
  auto answer = check(seats);
  state.disk.read_only = false;
  return answer;
}

Runs Computer::runs(const Model& model) {
  std::uint64_t most = 0;
  for (const Id& id : state.memory.imported) most = std::max(most, model.granted().at(id).seats);
  Runs out(most);
  for (std::uint64_t seats = 1; seats <= most; ++seats) {
    const auto answer = look(seats);
    if (answer && answer->verdict == Verdict::active) out[seats - 1] = name_of(answer->id);
  }
  return out;
}

}  // namespace oak::property
