#pragma once
// A check of one product: `load` reads and verifies what is stored, `answer` looks at the hardware and judges.
// `answer` may be called again and again; it reads the marks anew each time, so that a return is noticed, but not the
// stored activations. One caller at a time.

#include "verifier/answer.h"
#include "verifier/chain.h"
#include "verifier/machine.h"

namespace oak {

/// A product's name becomes part of paths.
Outcome<void> check_product_name(std::string_view product);
/// An activation's fingerprint key can't be read.
Failure key_failure(const Error& error, const Activation& activation);

class Check {
 public:
  /// `machine`'s parts must outlive the check.
  static Outcome<Check> load(const Machine& machine, const TrustSource& source, std::string_view product);
  /// Never needs to write; where it may, it advances the marks. Fails where there is no answer: the marks or the
  /// fingerprint key can't be read (fingerprint_key_missing where it is gone).
  Outcome<Answer> answer(const Question& question);

 private:
  Check(const Machine& machine, Store store, Chain chain) : machine_(machine), store_(std::move(store)), chain_(std::move(chain)) {}
  Machine machine_;
  Store store_;
  Chain chain_;
};

}  // namespace oak
