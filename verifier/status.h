#pragma once
// How every product on this machine stands: what `oak-verifier status` prints. It asks for no version.

#include <optional>
#include <string>
#include <vector>

#include "verifier/check.h"

namespace oak {

struct ProductStatus {
  std::string product;
  Outcome<Answer> answer;
  std::string published;  ///< without an answer: what root published of it (verifier/status_file.h), else empty
};

/// All products in the state folder, or the one named. Fails only where the state folder can't be read.
Outcome<std::vector<ProductStatus>> status(const Machine& machine, const TrustSource& source, const std::optional<std::string>& product);
/// {"products": [{"product", and what `check --json` has, "seats", "not_after", "days_left", "renew_from", "renewal_due", "margin",
/// "customer", "site", "strength"}]}; a product without an answer has {"product", "error", "published": what root's last look found, or
/// null}.
std::string status_json(const std::vector<ProductStatus>& products);
std::string status_text(const std::vector<ProductStatus>& products);
/// 0 where all are active, 1 where one is not, 2 where one has no answer of this user's own.
int status_exit_code(const std::vector<ProductStatus>& products);

}  // namespace oak
