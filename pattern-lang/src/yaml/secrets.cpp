#include "yaml/secrets.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "weir/pattern-lang/config_file.hpp"

namespace weir::lang {

bool secret_key(std::string_view key) {
  static constexpr std::string_view kWords[] = {
      "password", "passwd", "passphrase",    "secret",     "token", "api-key",
      "api_key",  "apikey", "authorization", "credential", "cookie"};
  static constexpr std::string_view kElsewhere[] = {"_file", "_env", ".location", "_location"};
  std::string lower(key);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto holds = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
  const auto ends = [&](std::string_view word) { return lower.ends_with(word); };
  return std::any_of(std::begin(kWords), std::end(kWords), holds) &&
         std::none_of(std::begin(kElsewhere), std::end(kElsewhere), ends);
}

namespace yaml {

namespace {
constexpr std::string_view kAfterKey = " :=\"'";
}  // namespace

std::string_view plain_head(std::string_view key) {
  const std::string_view head = key.substr(0, key.find_first_of(kAfterKey));
  return secret_key(head) ? head : key;
}

namespace {

void cover(std::string& shown, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < std::min(end, shown.size()); ++i) {
    if (shown[i] != '\n' && shown[i] != '\r') shown[i] = '*';
  }
}

// http://user:password@host: all that stands before the @.
void cover_urls(std::string& shown) {
  constexpr std::string_view kStart = "://";
  for (std::size_t at = shown.find(kStart); at != std::string::npos; at = shown.find(kStart, at)) {
    at += kStart.size();
    const std::size_t end = std::min(shown.find_first_of("/?# \t\r\n\"'", at), shown.size());
    const std::size_t sign = shown.rfind('@', end);
    if (sign != std::string::npos && sign > at && sign < end) cover(shown, at, sign);
  }
}

// `pasword: x` is refused with its line.
bool resembles_secret_key(const std::string& key) {
  static const std::vector<std::string> kWords = {"password", "passphrase", "secret", "token"};
  return secret_key(key) ||
         (!key.ends_with("_file") && !key.ends_with("_env") && !nearest(key, kWords).empty());
}

// `password:x` is one text to YAML: what comes behind the word.
void cover_glued(const SourceReader& source, const Node& node, std::string& shown) {
  if (node.kind != Kind::kScalar || plain_head(node.value).size() == node.value.size()) return;
  const std::size_t head = source.written(node).find_first_of(kAfterKey);
  if (head == std::string_view::npos) return;
  const Place at = source.place(node.at.begin + static_cast<std::uint32_t>(head) + 1, node.at.end);
  cover(shown, at.span.begin, at.span.end);
}

void cover_node(const SourceReader& source, const Node& node, std::string& shown) {
  if (node.kind == Kind::kScalar) {
    const Place first = source.place(node.at.begin, node.at.end);
    cover(shown, first.span.begin, first.span.end);
  }
  for (const Node* item : node.items) cover_node(source, *item, shown);
  for (const Entry& entry : node.entries) {
    // {file: PATH} and {env: NAME} say where the secret is.
    if (entry.key->value != "file" && entry.key->value != "env") {
      cover_node(source, *entry.value, shown);
    }
  }
}

}  // namespace

void cover_secrets(const SourceReader& source, const Tree& tree, std::string& shown) {
  for (const Node& node : tree.nodes) {
    cover_glued(source, node, shown);
    for (const Entry& entry : node.entries) {
      if (entry.key->kind == Kind::kScalar && resembles_secret_key(entry.key->value)) {
        cover_node(source, *entry.value, shown);
      }
    }
  }
  cover_urls(shown);
}

void cover_secret_lines(std::string& shown) {
  constexpr std::size_t kNone = std::string::npos;
  std::size_t below = kNone;  // indentation of a secret's key whose value may go on
  for (std::size_t begin = 0; begin < shown.size();) {
    const std::size_t end = std::min(shown.find('\n', begin), shown.size());
    const std::string_view line = std::string_view(shown).substr(begin, end - begin);
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    if (below != kNone && (indent > below || indent == line.size())) {
      cover(shown, begin + indent, end);
    } else {
      below = kNone;
      for (std::size_t colon = line.find(':'); colon != kNone; colon = line.find(':', colon + 1)) {
        const std::size_t before = line.find_last_of(" \t{,", colon);
        const std::size_t word = before == kNone ? 0 : before + 1;
        if (!resembles_secret_key(std::string(line.substr(word, colon - word)))) continue;
        cover(shown, begin + colon + 1, end);
        below = indent;
        break;
      }
    }
    begin = end + 1;
  }
  cover_urls(shown);
}

}  // namespace yaml
}  // namespace weir::lang
