// The shipped packs as text, and rules generated from them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::bench {

/// The files of rules/<pack>, or of all packs for an empty name; without tests and formats.
std::vector<std::string> pack_texts(std::string_view pack = {});

/// Renames what rules read, so that copies of the packs have nothing in common.
class Renaming {
 public:
  /// Looks up in the packs what there is to rename: event types, fields, ids.
  Renaming();

  /// The packs' files once more, with every event type, field, key and id of theirs named anew.
  /// Copy 0 is the packs themselves.
  std::vector<std::string> copy(std::size_t number) const;
  /// A type's or a dotted field's name in that copy.
  std::string name(std::string_view original, std::size_t copy) const;

  std::size_t rules() const { return rules_; }
  /// Types that sources have, in a fixed order.
  const std::vector<std::string>& types() const { return types_; }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::string renamed(std::string_view text, std::size_t copy) const;
  std::string renamed_line(std::string_view line, bool keys_too, std::size_t copy) const;
  bool known(std::string_view word) const;

  std::vector<std::string> texts_;
  std::vector<std::string> types_;
  std::vector<std::string> words_;  // to rename; sorted
  std::vector<std::string> ids_;    // those of rules; sorted
  std::size_t rules_ = 0;
};

}  // namespace weir::bench
