// Events that runs hold: copies, references, handles used again.
#include "weir/nfa/evidence.hpp"

#include <doctest/doctest.h>

#include <string>

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

}  // namespace
}  // namespace weir::nfa
