// Secrets: from the config itself (warned about), a file, or the environment.
#include <fmt/format.h>

#include <cstdlib>

#include "config_keys.hpp"
#include "config_parts.hpp"
#include "paths.hpp"

namespace weir::cli {
namespace {

constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10;

// The text of a file without its last line end.
bool read_secret_file(lang::ConfigMap& map, std::string_view key, const ConfigContext& context,
                      std::string& out) {
  std::string path;
  if (!map.path(key, path) || !context.reading.environment) return false;
  std::string text;
  std::string error;
  if (!read_file(path, kMaxSecretBytes, text, error)) {
    map.report(lang::Code::E0707, key, error);
    return false;
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) {
    map.report(lang::Code::E0707, key, fmt::format("{} is empty", path));
    return false;
  }
  out = std::move(text);
  return true;
}

bool read_secret_variable(lang::ConfigMap& map, std::string_view key, const ConfigContext& context,
                          std::string& out) {
  std::string name;
  if (!map.text(key, name)) return false;
  if (name.empty() || name.find_first_of("$={} ") != std::string::npos) {
    lang::Diagnostic& d = map.report(lang::Code::E0707, key, "this is no variable's name");
    d.help = "write the name alone, as in KAFKA_PASSWORD, without $ or braces";
    return false;
  }
  if (!context.reading.environment) return false;
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') {
    map.report(lang::Code::E0707, key,
               fmt::format("the environment variable {} is {}", name,
                           value == nullptr ? "not set" : "empty"));
    return false;
  }
  out = value;
  return true;
}

bool read_literal(lang::ConfigMap& map, const std::string& key, std::string& out) {
  std::string value;
  if (!map.secret(key, value)) return false;
  if (value.find("${") != std::string::npos) {
    map.report(lang::Code::E0702, key,
               fmt::format("`{}` holds `${{`, and configs expand no variables", key))
        .help = fmt::format("write `{}_env: NAME`", key);
    return false;
  }
  map.report(lang::Code::W0701, key, fmt::format("`{}` stands in the config itself", key)).help =
      fmt::format("write `{0}_file: PATH` or `{0}_env: NAME`", key);
  out = std::move(value);
  return true;
}

}  // namespace

bool read_secret(lang::ConfigMap& map, const std::string& key, const ConfigContext& context,
                 std::string& out) {
  const std::string file = key + "_file";
  const std::string variable = key + "_env";
  std::string_view from;
  for (const std::string_view candidate :
       {std::string_view(key), std::string_view(file), std::string_view(variable)}) {
    if (!map.has(candidate)) continue;
    if (!from.empty()) {
      map.report(lang::Code::E0708, candidate, fmt::format("`{}` beside `{}`", candidate, from))
          .help = "keep one of them";
      return false;
    }
    from = candidate;
  }
  if (from.empty()) return false;
  if (from == file) return read_secret_file(map, from, context, out);
  if (from == variable) return read_secret_variable(map, from, context, out);
  return read_literal(map, key, out);
}

std::vector<std::pair<std::string, std::string>> read_secret_map(lang::ConfigMap& map,
                                                                 std::string_view key,
                                                                 const ConfigContext& context) {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& [name, value] : map.entries(key)) {
    std::string text;
    if (value.is_mapping()) {
      lang::ConfigMap from = value.map(keys::kSecretFrom, fmt::format("`{}`", name.value));
      if (!from.ok()) continue;
      if (from.has("file") == from.has("env")) {
        value.report(lang::Code::E0708, fmt::format("`{}` has one of `file` and `env`", name.value))
            .help = "write {file: PATH} or {env: NAME}";
        continue;
      }
      if (from.has("file") ? !read_secret_file(from, "file", context, text)
                           : !read_secret_variable(from, "env", context, text)) {
        continue;
      }
    } else {
      const auto literal = value.text();
      if (!literal) continue;
      text = literal->value;
      if (lang::secret_key(name.value)) {
        value.report(lang::Code::W0701, fmt::format("`{}` stands in the config itself", name.value))
            .help = fmt::format("write {0}: {{file: PATH}} or {0}: {{env: NAME}}", name.value);
      }
    }
    out.emplace_back(name.value, std::move(text));
  }
  return out;
}

void read_login(lang::ConfigMap& map, const ConfigContext& context, connectors::Login& out) {
  map.text("user", out.user);
  const bool password = map.has("password") || map.has("password_file") || map.has("password_env");
  if (password && !map.has("user")) {
    context.diagnostics
        .report(lang::Code::E0708, map.place(),
                fmt::format("{} has a password and no `user`", map.what()))
        .help = "add `user:`";
  }
  read_secret(map, "password", context, out.password);
}

}  // namespace weir::cli
