#include "layout.hpp"

#include <algorithm>
#include <numeric>

namespace weir::cli {
namespace {

constexpr double kGap = 36;          // between boxes of a layer
constexpr double kLayerGap = 52;     // between layers
constexpr double kDummyWidth = 150;  // room for an edge that passes a layer, and its text
constexpr int kSweeps = 12;

/// A box, or the place where an edge passes a layer.
struct Item {
  std::size_t layer = 0;
  double x = 0;
  double width = kDummyWidth;
  std::vector<std::size_t> above;
  std::vector<std::size_t> below;
};

class Layering {
 public:
  Layering(const RuleGraph& graph, Layout& layout) : graph_(graph), layout_(layout) {}

  void run() {
    find_back_edges();
    assign_layers();
    add_items();
    for (int i = 0; i < kSweeps; ++i) order(i % 2 == 0);
    for (int i = 0; i < 2 * kSweeps; ++i) shift(i % 2 == 0);
    place();
  }

 private:
  void find_back_edges() {
    layout_.routes.assign(graph_.edges.size(), {});
    state_.assign(graph_.states.size(), 0);
    visit(0);
  }

  void visit(std::size_t s) {
    state_[s] = 1;
    for (std::size_t e = 0; e < graph_.edges.size(); ++e) {
      const GraphEdge& edge = graph_.edges[e];
      if (edge.from != s) continue;
      if (state_[edge.to] == 1) {
        layout_.routes[e].back = true;
      } else if (state_[edge.to] == 0) {
        visit(edge.to);
      }
    }
    state_[s] = 2;
  }

  void assign_layers() {
    layer_.assign(graph_.states.size(), 0);
    // Longest paths; the graph without its back edges has no cycle, so that this ends.
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t e = 0; e < graph_.edges.size(); ++e) {
        const GraphEdge& edge = graph_.edges[e];
        if (!layout_.routes[e].back && layer_[edge.to] < layer_[edge.from] + 1) {
          layer_[edge.to] = layer_[edge.from] + 1;
          changed = true;
        }
      }
    }
    layers_.resize(1 + *std::max_element(layer_.begin(), layer_.end()));
  }

  std::size_t add_item(std::size_t layer, double width) {
    Item item;
    item.layer = layer;
    item.width = width;
    items_.push_back(item);
    layers_[layer].push_back(items_.size() - 1);
    return items_.size() - 1;
  }

  void add_items() {
    for (std::size_t s = 0; s < graph_.states.size(); ++s) {
      add_item(layer_[s], layout_.boxes[s].width);
    }
    chains_.resize(graph_.edges.size());
    for (std::size_t e = 0; e < graph_.edges.size(); ++e) {
      const GraphEdge& edge = graph_.edges[e];
      if (layout_.routes[e].back) continue;
      std::size_t last = edge.from;
      for (std::size_t layer = layer_[edge.from] + 1; layer < layer_[edge.to]; ++layer) {
        const std::size_t dummy = add_item(layer, kDummyWidth);
        chains_[e].push_back(dummy);
        join(last, dummy);
        last = dummy;
      }
      join(last, edge.to);
    }
    for (auto& layer : layers_) spread(layer);
  }

  void join(std::size_t upper, std::size_t lower) {
    items_[upper].below.push_back(lower);
    items_[lower].above.push_back(upper);
  }

  /// Side by side around 0, in the layer's order.
  void spread(const std::vector<std::size_t>& layer) {
    double total = -kGap;
    for (const std::size_t i : layer) total += items_[i].width + kGap;
    double x = -total / 2;
    for (const std::size_t i : layer) {
      items_[i].x = x + items_[i].width / 2;
      x += items_[i].width + kGap;
    }
  }

  double wanted(std::size_t i, bool down) const {
    const auto& neighbours = down ? items_[i].above : items_[i].below;
    if (neighbours.empty()) return items_[i].x;
    double sum = 0;
    for (const std::size_t n : neighbours) sum += items_[n].x;
    return sum / static_cast<double>(neighbours.size());
  }

  void order(bool down) {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      auto& layer = layers_[down ? l : layers_.size() - 1 - l];
      std::vector<double> want(items_.size());
      for (const std::size_t i : layer) want[i] = wanted(i, down);
      std::stable_sort(layer.begin(), layer.end(),
                       [&](std::size_t a, std::size_t b) { return want[a] < want[b]; });
      spread(layer);
    }
  }

  /// Towards the neighbours of one side, as far as order and gaps allow: what the left and what the
  /// right neighbour would allow, in the middle.
  void shift(bool down) {
    for (auto& layer : layers_) {
      std::vector<double> want;
      for (const std::size_t i : layer) want.push_back(wanted(i, down));
      std::vector<double> left = want;
      std::vector<double> right = want;
      for (std::size_t k = 1; k < layer.size(); ++k) {
        left[k] = std::max(left[k], left[k - 1] + distance(layer[k - 1], layer[k]));
      }
      for (std::size_t k = layer.size(); k-- > 1;) {
        right[k - 1] = std::min(right[k - 1], right[k] - distance(layer[k - 1], layer[k]));
      }
      for (std::size_t k = 0; k < layer.size(); ++k) items_[layer[k]].x = (left[k] + right[k]) / 2;
    }
  }

  double distance(std::size_t a, std::size_t b) const {
    return (items_[a].width + items_[b].width) / 2 + kGap;
  }

  void place() {
    double lowest = 0;
    for (const Item& item : items_) lowest = std::min(lowest, item.x - item.width / 2);
    double y = 0;
    for (const auto& layer : layers_) {
      double height = 0;
      for (const std::size_t i : layer) {
        if (i < layout_.boxes.size()) height = std::max(height, layout_.boxes[i].height);
      }
      for (const std::size_t i : layer) {
        items_[i].x -= lowest;
        layout_.width = std::max(layout_.width, items_[i].x + items_[i].width / 2);
        if (i < layout_.boxes.size()) {
          layout_.boxes[i].x = items_[i].x;
          layout_.boxes[i].y = y + height / 2;
        }
      }
      middle_.push_back(y + height / 2);
      y += height + kLayerGap;
    }
    layout_.height = y - kLayerGap;
    for (std::size_t e = 0; e < chains_.size(); ++e) {
      for (const std::size_t i : chains_[e]) {
        layout_.routes[e].points.push_back({items_[i].x, middle_[items_[i].layer]});
      }
    }
  }

  const RuleGraph& graph_;
  Layout& layout_;
  std::vector<int> state_;  // of the depth-first search: 0 new, 1 open, 2 done
  std::vector<std::size_t> layer_;
  std::vector<Item> items_;  // the states, then the places that edges pass
  std::vector<std::vector<std::size_t>> layers_;
  std::vector<std::vector<std::size_t>> chains_;  // by edge
  std::vector<double> middle_;                    // by layer
};

}  // namespace

Layout lay_out(const RuleGraph& graph, std::vector<Box> boxes) {
  Layout layout;
  layout.boxes = std::move(boxes);
  Layering(graph, layout).run();
  return layout;
}

}  // namespace weir::cli
