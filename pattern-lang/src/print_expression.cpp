#include <array>
#include <charconv>

#include "lexical_token.hpp"
#include "print_parts.hpp"
#include "weir/pattern-lang/print.hpp"

namespace weir::lang {
namespace {

/// How tightly a node holds together; a child that binds less than its place asks for is put into
/// parentheses.
enum Precedence { kLowest, kOr, kAnd, kNot, kComparison, kSum, kProduct, kUnary, kAtom };

Precedence precedence_of(ExprOp op) {
  switch (op) {
    case ExprOp::kOr:
      return kOr;
    case ExprOp::kAnd:
      return kAnd;
    case ExprOp::kAdd:
    case ExprOp::kSub:
      return kSum;
    case ExprOp::kMul:
    case ExprOp::kDiv:
    case ExprOp::kMod:
      return kProduct;
    default:
      return kComparison;
  }
}

Precedence precedence_of(const Expr& e) {
  switch (e.kind) {
    case ExprKind::kBinary:
      return precedence_of(e.op);
    case ExprKind::kNot:
      return kNot;
    case ExprKind::kNegate:
      return kUnary;
    case ExprKind::kIn:
    case ExprKind::kInTable:
    case ExprKind::kIsNull:
    case ExprKind::kStringTest:
      return kComparison;
    default:
      return kAtom;
  }
}

class ExpressionPrinter {
 public:
  std::string out;

  void print(const Expr& e, Precedence least) {
    const bool parenthesised = precedence_of(e) < least;
    if (parenthesised) out += '(';
    node(e);
    if (parenthesised) out += ')';
  }

 private:
  void node(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kLiteral:
        if (e.text.empty()) {
          literal(e.literal.get());
        } else {
          out += e.text;  // a duration, as written
        }
        break;
      case ExprKind::kPath:
        path(e.path, 0);
        break;
      case ExprKind::kIndex:
        out += e.path.front() + '[' + std::to_string(e.index) + ']';
        path(e.path, 1);
        break;
      case ExprKind::kCall:
        out += e.text;
        list(e, 0, kLowest);
        if (!e.path.empty()) out += '.';
        path(e.path, 0);
        break;
      case ExprKind::kNot:
        // `not a == b` is read as meant by the grammar only; people want the parentheses.
        out += "not ";
        print(*e.args[0], e.args[0]->kind == ExprKind::kNot ? kNot : kUnary);
        break;
      case ExprKind::kNegate:
        out += '-';
        print(*e.args[0], kUnary);
        break;
      case ExprKind::kBinary:
        binary(e);
        break;
      case ExprKind::kIn:
        print(*e.args[0], kSum);
        out += e.negated ? " not in " : " in ";
        list(e, 1, kLowest);
        break;
      case ExprKind::kInTable:
        print(*e.args[0], kSum);
        out += e.negated ? " not in table(" : " in table(";
        out += e.text + ')';
        break;
      case ExprKind::kIsNull:
        print(*e.args[0], kSum);
        out += e.negated ? " is not null" : " is null";
        break;
      case ExprKind::kStringTest:
        print(*e.args[0], kSum);
        out += ' ';
        out += operator_text(e.op);
        out += ' ';
        if (e.list_form) {
          list(e, 1, kSum);
        } else {
          print(*e.args[1], kSum);
        }
        break;
      case ExprKind::kRegex:
        regex(e);
        break;
      case ExprKind::kTuple:
        list(e, 0, kLowest);
        break;
    }
  }

  void binary(const Expr& e) {
    const Precedence own = precedence_of(e.op);
    // Chains lean to the left; comparisons make none.
    const auto tighter = static_cast<Precedence>(own + 1);
    print(*e.args[0], own == kComparison ? tighter : own);
    out += ' ';
    out += operator_text(e.op);
    out += ' ';
    print(*e.args[1], tighter);
  }

  void list(const Expr& e, std::size_t from, Precedence least) {
    out += '(';
    for (std::size_t i = from; i < e.args.size(); ++i) {
      if (i > from) out += ", ";
      print(*e.args[i], least);
    }
    out += ')';
  }

  /// The segments from `from` on; those after the first with a dot before them.
  void path(const std::vector<std::string>& segments, std::size_t from) {
    for (std::size_t i = from; i < segments.size(); ++i) {
      if (i > 0) out += '.';
      out += segments[i];
    }
  }

  void literal(const Value& v) {
    switch (v.type()) {
      case ValueType::kBool:
        out += v.as_bool() ? "true" : "false";
        break;
      case ValueType::kInt:
        out += std::to_string(v.as_int());
        break;
      case ValueType::kFloat:
        real(v.as_float());
        break;
      case ValueType::kString:
        append_quoted(out, v.as_string());
        break;
      case ValueType::kDuration:
        out += format_duration(v.as_duration());
        break;
      default:
        out += "null";
    }
  }

  /// The shortest digits that read back, with a mark that says float.
  void real(double d) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), d).ptr;
    const std::string_view digits(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    out += digits;
    if (digits.find_first_of(".e") == digits.npos) out += ".0";
  }

  void regex(const Expr& e) {
    out += '/';
    for (std::size_t i = 0; i < e.text.size(); ++i) {
      if (e.text[i] == '/') out += '\\';
      // An escape and what it escapes go together.
      if (e.text[i] == '\\' && i + 1 < e.text.size()) out += e.text[i++];
      out += e.text[i];
    }
    out += '/' + e.flags;
  }
};

std::string one_line(const Expr& e, Precedence least) {
  ExpressionPrinter printer;
  printer.print(e, least);
  return std::move(printer.out);
}

/// Lines of at most `width` columns where the expression can be broken: before `and` and `or`, and
/// between the values of a list.
class ExpressionWrapper {
 public:
  explicit ExpressionWrapper(std::size_t width) : width_(width) {}

  std::string wrap(const Expr& e, Precedence least) const {
    std::string line = one_line(e, least);
    if (line.size() <= width_) return line;
    const Precedence own = precedence_of(e);
    if (own == kOr || own == kAnd) {
      const std::string broken = chain(e, own);
      return own < least ? '(' + broken + ')' : broken;
    }
    const bool list = e.kind == ExprKind::kIn || (e.kind == ExprKind::kStringTest && e.list_form);
    return list ? values(e, line) : line;
  }

 private:
  /// Chains lean to the left.
  std::string chain(const Expr& e, Precedence own) const {
    const Expr& left = *e.args[0];
    const auto tighter = static_cast<Precedence>(own + 1);
    const std::string before = precedence_of(left) == own ? chain(left, own) : inside(left, own);
    return before + '\n' + std::string(operator_text(e.op)) + ' ' + inside(*e.args[1], tighter);
  }

  /// The lines of an operand stand further in than those of its chain.
  std::string inside(const Expr& e, Precedence least) const {
    std::string out;
    for (const char c : wrap(e, least)) {
      out += c;
      if (c == '\n') out += "  ";
    }
    return out;
  }

  /// As many values on a line as fit.
  std::string values(const Expr& e, const std::string& line) const {
    const Precedence least = e.kind == ExprKind::kIn ? kLowest : kSum;
    std::size_t rest = 0;
    for (std::size_t i = 1; i < e.args.size(); ++i) {
      rest += one_line(*e.args[i], least).size() + 2;
    }
    const std::size_t begin = line.size() - (rest - 1);  // behind the parenthesis
    std::string out = line.substr(0, begin);
    std::size_t column = begin;
    for (std::size_t i = 1; i < e.args.size(); ++i) {
      std::string value = one_line(*e.args[i], least);
      value += i + 1 < e.args.size() ? ',' : ')';
      if (i > 1 && column + 1 + value.size() > width_) {
        out += "\n  ";
        column = 2;
      } else if (i > 1) {
        out += ' ';
        ++column;
      }
      out += value;
      column += value.size();
    }
    return out;
  }

  std::size_t width_;
};

}  // namespace

std::string_view operator_text(ExprOp op) noexcept {
  constexpr std::array<std::string_view, 19> kTexts = {
      "",  "or", "and", "==", "!=",       "<",          "<=",       ">",       ">=",  "+",
      "-", "*",  "/",   "%",  "contains", "startswith", "endswith", "matches", "like"};
  return kTexts[static_cast<std::size_t>(op)];
}

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xfU];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string print_expression(const Expr& expr) {
  return one_line(expr, kLowest);
}

std::string print_expression(const Expr& expr, std::size_t width) {
  return ExpressionWrapper(width).wrap(expr, kLowest);
}

}  // namespace weir::lang
