// `formats:` of rule files, as the connectors read them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules.hpp"
#include "weir/connectors/codec.hpp"

namespace weir::cli {

/// All formats of the documents, in order.
std::vector<std::shared_ptr<const connectors::FormatSpec>> formats_of(const RuleSet& rules);

/// Sets `options` to the built-in format or the rule files' format of that name. False, with
/// `error` a sentence with the nearest name, where there is none.
bool choose_format(std::string_view name, const RuleSet& rules, connectors::CodecOptions& options,
                   std::string& error);

/// The same for a name that a rule file writes: its own format of that name, where several files
/// have one, is meant.
bool choose_own_format(const lang::Text& name, const RuleSet& rules,
                       connectors::CodecOptions& options, std::string& error);

/// What `auto` is for a log that begins with `first_bytes`: of the formats whose base is the one
/// that the bytes look like, the one that reads most of the first lines, the first of equals; the
/// bare base where none reads any.
void detect_format(std::string_view first_bytes, std::string_view path, const RuleSet& rules,
                   connectors::CodecOptions& options);

/// Reports expressions that cannot be compiled, and types of groups that they have not.
void check_formats(const RuleSet& rules, lang::Diagnostics& diagnostics);

}  // namespace weir::cli
