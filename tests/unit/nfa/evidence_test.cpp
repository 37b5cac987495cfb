// Events that runs hold: copies, references, handles used again.
#include "weir/nfa/evidence.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace weir::nfa {
namespace {

TEST_CASE("the evidence store copies an event once and lets go of it with its last reference") {
  EvidenceStore store;
  FieldPlan plan;
  const TypeId type = plan.add_type("t");
  plan.read(type, plan.add_field("a"));
  plan.read(type, plan.add_field("b"));
  plan.finish();
  EventRef handle = 0;
  {
    std::string text = "some text that is not short";
    std::string raw = "{\"a\":1}";
    const Value items[] = {Value::integer(1), Value::string(text)};
    const Value slots[] = {Value::string(text), Value::list(items)};
    Event event;
    event.type = type;
    event.seq = 5;
    event.plan = &plan.type(type);
    event.slots = slots;
    event.raw = raw;
    event.name = text;
    event.type_name = "t";
    handle = store.put(event);
    CHECK(store.put(event) == handle);
    event.seq = 6;
    const EventRef other = store.put(event);
    CHECK(other != handle);
    CHECK(store.events() == 2);
    store.release(other);
    CHECK(store.events() == 1);
    // A handle used again is not taken for the event that had it.
    const EventRef again = store.put(event);
    CHECK(again == other);
    store.release(again);
    text.assign(text.size(), '#');
    raw.assign(raw.size(), '#');
  }
  const Event& copy = store.get(handle);
  CHECK(copy.raw == "{\"a\":1}");
  CHECK(copy.name == "some text that is not short");
  CHECK(to_text(copy.slots[0]) == "some text that is not short");
  CHECK(to_text(copy.slots[1]) == "[1, some text that is not short]");
  CHECK(copy.type_name.data() == plan.type(type).name.data());
  CHECK(store.bytes() > 0);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    Event event;
    event.seq = 100 + i;
    event.type_name = "unplanned";
    store.put(event);
  }
  CHECK(copy.raw == "{\"a\":1}");  // slots do not move
  store.release(handle);
  store.release(handle);
  CHECK(store.events() == 1000);
  // Of the last 1,000: an event, and the text of a type that no plan has.
  CHECK(store.bytes() >= 1000 * (sizeof(Event) + 9));
  CHECK(store.bytes() < 1000 * (sizeof(Event) + 9 + 64));
}

TEST_CASE("an event that is put together when it is asked for is the one that was put") {
  FieldPlan plan;
  const TypeId type = plan.add_type("t");
  for (const char* field : {"a", "b", "c"}) plan.read(type, plan.add_field(field));
  plan.finish();
  class Format final : public RecordFormat {
    void append_json(std::string&, const Event&) const override {}
  };
  const Format formats[2];
  EvidenceStore store;
  std::vector<EventRef> handles;
  std::vector<std::size_t> sizes;
  const auto raw_of = [](std::size_t i) { return "{\"b\":\"text " + std::to_string(i) + "\"}"; };
  constexpr std::size_t kEvents = 20;
  for (std::size_t i = 0; i < kEvents; ++i) {
    const std::string raw = raw_of(i);
    const std::string elsewhere = "not in the record";
    // Of every fourth the text lies elsewhere: it is kept whole.
    const std::string_view text = i % 4 == 3 ? elsewhere : std::string_view(raw).substr(6, 6);
    const Value slots[] = {Value::integer(static_cast<std::int64_t>(i)), Value::string(text),
                           Value::string({})};
    Event event;
    event.type = type;
    event.origin = i % 3 == 0 ? EventOrigin::kAlert : EventOrigin::kSource;
    event.ts = {static_cast<std::int64_t>(i) * 7};
    event.seq = i + 1;
    event.position = {1, static_cast<std::uint32_t>(i), i * 100};
    event.type_name = "t";
    event.plan = &plan.type(type);
    event.slots = slots;
    event.raw = raw;
    event.format = &formats[i % 2];
    handles.push_back(store.put(event));
    sizes.push_back(store.bytes());
  }
  CHECK(sizes[2] - sizes[1] < sizes[3] - sizes[2]);
  for (std::size_t i = 0; i < kEvents; ++i) {
    CHECK(store.seq(handles[i]) == i + 1);
    const Event& event = store.get(handles[i]);
    CHECK(&store.get(handles[i]) == &event);
    CHECK(event.type == type);
    CHECK((event.origin == (i % 3 == 0 ? EventOrigin::kAlert : EventOrigin::kSource)));
    CHECK(event.ts.ns == static_cast<std::int64_t>(i) * 7);
    CHECK(event.seq == i + 1);
    CHECK((event.position == Position{1, static_cast<std::uint32_t>(i), i * 100}));
    CHECK(event.name.empty());
    CHECK(event.type_name == "t");
    CHECK(event.plan == &plan.type(type));
    CHECK(event.raw == raw_of(i));
    CHECK(event.format == &formats[i % 2]);
    CHECK(event.slots[0].as_int() == static_cast<std::int64_t>(i));
    CHECK(event.slots[1].as_string() ==
          (i % 4 == 3 ? "not in the record" : std::string_view(raw_of(i)).substr(6, 6)));
    CHECK(event.slots[2].as_string().empty());
  }
  for (const EventRef handle : handles) store.release(handle);
  CHECK(store.events() == 0);
  CHECK(store.bytes() == 0);
}

}  // namespace
}  // namespace weir::nfa
