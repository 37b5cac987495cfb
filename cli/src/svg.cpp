#include "svg.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "layout.hpp"
#include "output.hpp"

namespace weir::cli {
namespace {

constexpr double kCharWidth = 7.3;  // of the monospace font at 12 px, a little generous
constexpr double kLineHeight = 16;
constexpr double kPadding = 10;
constexpr double kMargin = 24;
constexpr double kStartSize = 14;
constexpr double kBackStep = 22;  // between ways back beside one another

const char* const kStyle = R"(<style>
  text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1d2733; }
  .title { font-size: 15px; font-weight: bold; }
  .note, .way { fill: #5b6b7d; font-size: 11px; }
  .wait { fill: #eef4fc; stroke: #4774a8; }
  .and { fill: #f4effb; stroke: #7a56a8; }
  .pause { fill: #fdf6e6; stroke: #b07d1e; stroke-dasharray: 5 3; }
  .match { fill: #e9f7ec; stroke: #2f8a4b; stroke-width: 2; }
  .start { fill: #1d2733; }
  .edge { fill: none; stroke: #5b6b7d; stroke-width: 1.2; }
  .back { stroke: #a06a2c; }
  .paper { fill: #ffffff; }
  .under { fill: #ffffff; fill-opacity: 0.88; }
</style>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

double text_width(std::string_view text) {
  return kCharWidth * static_cast<double>(display_width(text));
}

Box box_of(const GraphState& state) {
  Box box;
  if (state.shape == StateShape::kStart) {
    box.width = box.height = kStartSize;
    return box;
  }
  for (const std::string& line : state.lines) box.width = std::max(box.width, text_width(line));
  box.width = std::max(box.width + 2 * kPadding, 70.0);
  box.height = kLineHeight * static_cast<double>(state.lines.size()) + 2 * kPadding - 4;
  return box;
}

const char* class_of(StateShape shape) {
  switch (shape) {
    case StateShape::kAnd:
      return "and";
    case StateShape::kPause:
      return "pause";
    case StateShape::kMatch:
      return "match";
    default:
      return "wait";
  }
}

class Drawing {
 public:
  explicit Drawing(const RuleGraph& graph) : graph_(graph) {
    std::vector<Box> boxes;
    for (const GraphState& state : graph.states) boxes.push_back(box_of(state));
    layout_ = lay_out(graph, std::move(boxes));
    right_ = layout_.width + 18;
  }

  std::string draw() {
    for (std::size_t e = 0; e < graph_.edges.size(); ++e) {
      layout_.routes[e].back ? back_edge(e) : edge(e);
    }
    for (std::size_t s = 0; s < graph_.states.size(); ++s) state(s);

    std::string notes;
    for (const std::string& note : graph_.notes) notes += (notes.empty() ? "" : " \u00b7 ") + note;
    const double top = 2 * kMargin + 2 * kLineHeight;
    double width =
        std::max({right_, furthest_, text_width(graph_.title) * 1.26, text_width(notes)});
    width += 2 * kMargin;
    const double height = top + layout_.height + kMargin;
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
        "viewBox=\"0 0 {0:.0f} {1:.0f}\">\n<title>{2}</title>\n{3}"
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"7\" "
        "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0.5 L8 4 L0 7.5 z\" "
        "fill=\"#5b6b7d\"/></marker></defs>\n"
        "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n",
        width, height, escaped(graph_.title), kStyle);
    out += fmt::format("<text class=\"title\" x=\"{}\" y=\"{}\">{}</text>\n", kMargin, kMargin + 12,
                       escaped(graph_.title));
    out += fmt::format("<text class=\"note\" x=\"{}\" y=\"{}\">{}</text>\n", kMargin,
                       kMargin + 12 + kLineHeight + 4, escaped(notes));
    // Centred where the heading is wider than the states.
    const double left = std::max(kMargin, (width - std::max(right_, furthest_)) / 2);
    return out + fmt::format("<g transform=\"translate({:.1f} {:.1f})\">\n", left, top) + edges_ +
           boxes_ + labels_ + "</g>\n</svg>\n";
  }

 private:
  void state(std::size_t s) {
    const Box& b = layout_.boxes[s];
    const GraphState& state = graph_.states[s];
    if (state.shape == StateShape::kStart) {
      boxes_ += fmt::format("<circle class=\"start\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"/>\n", b.x,
                            b.y, kStartSize / 2);
      return;
    }
    boxes_ += fmt::format(
        "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
        "rx=\"{}\"/>\n",
        class_of(state.shape), b.x - b.width / 2, b.y - b.height / 2, b.width, b.height,
        state.shape == StateShape::kMatch ? 14 : 5);
    double y = b.y - kLineHeight * static_cast<double>(state.lines.size()) / 2 + 12;
    for (const std::string& line : state.lines) {
      boxes_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                            b.x, y, escaped(line));
      y += kLineHeight;
    }
  }

  void edge(std::size_t e) {
    const Box& from = layout_.boxes[graph_.edges[e].from];
    const Box& to = layout_.boxes[graph_.edges[e].to];
    std::vector<Point> points = {{from.x, from.y + from.height / 2}};
    const auto& via = layout_.routes[e].points;
    points.insert(points.end(), via.begin(), via.end());
    points.push_back({to.x, to.y - to.height / 2});
    std::string path = fmt::format("M{:.1f} {:.1f}", points[0].x, points[0].y);
    for (std::size_t i = 1; i < points.size(); ++i) {
      const Point& a = points[i - 1];
      const Point& b = points[i];
      const double bend = (b.y - a.y) / 2;
      path += fmt::format(" C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", a.x, a.y + bend, b.x,
                          b.y - bend, b.x, b.y);
    }
    add_path(path, "edge");
    const Point& a = points[points.size() / 2 - 1];
    const Point& b = points[points.size() / 2];
    const Point middle =
        via.empty() ? Point{(a.x + b.x) / 2, (a.y + b.y) / 2} : via[via.size() / 2];
    label(graph_.edges[e].text, middle);
  }

  /// Out at the right side, along the edge of the drawing, and in at the right side further up.
  void back_edge(std::size_t e) {
    const std::size_t from = graph_.edges[e].from;
    const std::size_t to = graph_.edges[e].to;
    const Box& a = layout_.boxes[from];
    const Box& b = layout_.boxes[to];
    const std::string& given = graph_.edges[e].text;
    const std::string text = given.empty() ? "again" : "again, " + given;
    if (from == to) {
      const double x = a.x + a.width / 2;
      add_path(fmt::format("M{0:.1f} {1:.1f} C{2:.1f} {3:.1f} {2:.1f} {4:.1f} {0:.1f} {5:.1f}", x,
                           a.y + 8, x + 36, a.y + 18, a.y - 18, a.y - 8),
               "edge back");
      label(text, {x + 36 + text_width(text) / 2, a.y});
      return;
    }
    right_ += kBackStep;
    const double x = right_;
    const double ax = a.x + a.width / 2;
    const double bx = b.x + b.width / 2;
    add_path(fmt::format("M{:.1f} {:.1f} C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f} L{:.1f} {:.1f} "
                         "C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}",
                         ax, a.y, x - 12, a.y, x, a.y, x, a.y - 24, x, b.y + 24, x, b.y, x - 12,
                         b.y, bx, b.y),
             "edge back");
    label(text, {x, (a.y + b.y) / 2});
  }

  void add_path(const std::string& d, const char* classes) {
    edges_ += fmt::format("<path class=\"{}\" d=\"{}\" marker-end=\"url(#tip)\"/>\n", classes, d);
  }

  void label(const std::string& text, Point at) {
    if (text.empty()) return;
    const double width = text_width(text) * 11 / 12;
    labels_ += fmt::format(
        "<rect class=\"under\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"14\"/>"
        "<text class=\"way\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
        at.x - width / 2 - 2, at.y - 8, width + 4, at.x, at.y + 3, escaped(text));
    furthest_ = std::max(furthest_, at.x + width / 2);
  }

  const RuleGraph& graph_;
  Layout layout_;
  double right_ = 0;     // what ways back have taken so far
  double furthest_ = 0;  // right end of the texts
  std::string edges_;
  std::string boxes_;
  std::string labels_;
};

}  // namespace

std::string draw_svg(const RuleGraph& graph) {
  return Drawing(graph).draw();
}

}  // namespace weir::cli
