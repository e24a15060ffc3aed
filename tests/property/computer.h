#pragma once
// A computer at a site: the real request and verifier code over a disk and hardware in memory.

#include <optional>

#include "core/licence_key.h"
#include "request/create.h"
#include "tests/property/model.h"
#include "tests/unit/verifier_world.h"

namespace oak::property {

/// What all computers of a site have in common.
struct Site {
  test::FakeClock clock;
  TrustSource trust;
  LicenceKey licence_key;
  Random& random;
};

/// A state folder, and what the model knows about it.
struct State {
  test::FakeDisk disk;
  Memory memory;
};

struct Returned {
  Id id;
  Bytes receipt;
};

/// Which activation lets the product run with 1 seat, with 2 and so on; empty: none.
using Runs = std::vector<Id>;

class Computer {
 public:
  /// `number` makes its hardware one of its own.
  Computer(Site& site, unsigned number);

  State state;
  std::optional<State> image;

  void replace_board() { set_board(++parts_made); }
  void replace_network();
  void replace_disk();
  void replace_system();
  /// The other's board in here, and a new one in there.
  void take_board_of(Computer& other);

  Outcome<Created> ask(std::uint64_t seats);
  KeyPair machine_key() const;
  /// The verifier's word on it.
  bool import(ByteView activation);
  void start();
  /// `oak-request return`: all that it holds ends, or only this one and what came before. Empty where nothing can be given back.
  std::vector<Returned> give_back(const std::string& activation = {});
  /// What `oak-request import` does at its end, and `return --superseded`: those that a smaller activation has replaced.
  std::vector<Returned> give_back_replaced();
  /// What the verifier would say now to each number of seats that its activations have. Changes nothing.
  Runs runs(const Model& model);
  /// What a check would answer now.
  std::optional<Answer> look(std::uint64_t seats);
  std::optional<Answer> check(std::uint64_t seats);

 private:
  Machine machine() { return {state.disk, host_, site_.clock, 0, test::state_dir}; }
  void set_board(unsigned number);

  static inline unsigned parts_made = 0;
  Site& site_;
  test::FakeHost host_;
  unsigned board_ = 0;
};

/// Ids as the model has them.
inline Id name_of(const ActivationId& id) { return to_hex(id); }

}  // namespace oak::property
