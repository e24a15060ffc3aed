#pragma once
// Why the verdict is what it is, step by step, and what to do next: `oak-verifier doctor`.

#include <optional>
#include <string>
#include <vector>

#include "verifier/check.h"

namespace oak {

enum class Finding { good, notice, bad, unknown };

struct Step {
  std::string subject;  ///< "trust", "store", "marks", "permission", "hardware", "licence", "version", "clock", "snapshot"
  Finding finding = Finding::unknown;
  std::string words;  ///< a sentence, printable
  std::string next;   ///< a command that helps; may be empty
};

struct Diagnosis {
  std::string product;
  Outcome<Answer> answer;
  std::vector<Step> steps;
};

/// A check without a version, and what led to its answer. It writes no more than a check does.
Diagnosis diagnose(const Machine& machine, const TrustSource& source, const std::string& product);
std::string diagnosis_text(const Diagnosis& diagnosis);

/// {"products": [{"product", "verdict", "steps": [{"subject", "finding", "words", "next"}]}]}
std::string diagnoses_json(const std::vector<Diagnosis>& diagnoses);
/// The support bundle (docs/site.md has the list): diagnoses, answers, and of each file of the state its name, size, owner and
/// mode. No key, no secret, no raw serial number, no digest of one.
std::string bundle_json(const Machine& machine, const std::vector<Diagnosis>& diagnoses);

/// As of `status`: 0 all active, 1 one is not, 2 one has no answer.
int diagnosis_exit_code(const std::vector<Diagnosis>& diagnoses);

}  // namespace oak
