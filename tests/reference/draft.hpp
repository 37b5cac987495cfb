// Rules as the generators make them: a tree of texts that can be printed and taken apart again, so
// that a difference is shrunk to what matters.
#pragma once

#include <string>
#include <vector>

#include "log.hpp"

namespace weir::reference {

enum class DraftKind { kEvent, kSeq, kOr, kAnd };

/// A step; texts are what stands in the pattern, empty where the part is left out.
struct DraftStep {
  DraftKind kind = DraftKind::kEvent;
  std::string type;                // of an event
  std::vector<DraftStep> members;  // of a group
  std::string keyword;             // NEXT, ANY
  bool negated = false;
  std::string quantifier;  // + {1,2} ...
  std::string greed;       // ? +
  std::string between;     // NEXT, ANY
  std::string as;
  std::string where;
  std::string until;
  std::string until_where;
  std::string within;
};

struct DraftRule {
  DraftStep root;
  std::string after;    // SKIP TO NEXT ...; empty: none is written
  std::string key;      // as YAML; empty: none
  std::string where;    // the rule's; empty: none
  bool alone = false;   // conditions of steps read the event alone, as compact plans ask
  bool linked = false;  // most steps are compared with what is bound, so that many runs wait
};

/// One pair of the differential test. Every event has its own `id`.
struct Sample {
  std::vector<DraftRule> rules;
  Log log;
};

std::string to_text(const DraftStep& step);
std::string to_text(const DraftRule& rule);

/// The rule file: event classes and the rules `r1`, `r2`, ...
std::string rule_file(const Sample& sample);

/// A conformance case: the rule file with one test that expects `expected`.
std::string conformance_case(const Sample& sample, const std::vector<RefMatch>& expected,
                             const std::string& title);

/// Every sample that is smaller by one part: an event, a rule, a member, a clause, a keyword.
std::vector<Sample> smaller(const Sample& sample);

}  // namespace weir::reference
