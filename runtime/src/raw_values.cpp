// The number of values, then each: a byte with its type; a scalar's 8 bytes, or the size of a
// string or list in 4 and what it holds.
#include "raw_values.hpp"

#include <cstdint>
#include <cstring>

namespace weir::runtime {
namespace {

using Size = std::uint32_t;

std::size_t room_for(std::span<const Value> values) {
  std::size_t room = 0;
  for (const Value& v : values) {
    room += 1;
    if (v.is_null()) continue;
    if (v.type() == ValueType::kString) {
      room += sizeof(Size) + v.as_string().size();
    } else if (v.type() == ValueType::kList) {
      room += sizeof(Size) + room_for(v.as_list());
    } else {
      room += sizeof(std::int64_t);
    }
  }
  return room;
}

template <typename T>
char* put(char* to, const T& what) {
  std::memcpy(to, &what, sizeof what);
  return to + sizeof what;
}

char* put_all(char* to, std::span<const Value> values) {
  for (const Value& v : values) {
    to = put(to, v.type());
    switch (v.type()) {
      case ValueType::kNull:
        break;
      case ValueType::kFloat:
        to = put(to, v.as_float());
        break;
      case ValueType::kString:
        to = put(to, static_cast<Size>(v.as_string().size()));
        std::memcpy(to, v.as_string().data(), v.as_string().size());
        to += v.as_string().size();
        break;
      case ValueType::kList:
        to = put(to, static_cast<Size>(v.as_list().size()));
        to = put_all(to, v.as_list());
        break;
      case ValueType::kBool:
      case ValueType::kInt:
      case ValueType::kTimestamp:
      case ValueType::kDuration:
        to = put(to, v.as_int());
        break;
    }
  }
  return to;
}

template <typename T>
T take(const char*& from) {
  T what;
  std::memcpy(&what, from, sizeof what);
  from += sizeof what;
  return what;
}

std::span<const Value> take_all(const char*& from, ValueArena& arena) {
  const auto values = arena.make_list(take<Size>(from));
  for (Value& v : values) {
    switch (take<ValueType>(from)) {
      case ValueType::kNull:
        break;
      case ValueType::kBool:
        v = Value::boolean(take<std::int64_t>(from) != 0);
        break;
      case ValueType::kInt:
        v = Value::integer(take<std::int64_t>(from));
        break;
      case ValueType::kFloat:
        v = Value::real(take<double>(from));
        break;
      case ValueType::kString: {
        const auto size = take<Size>(from);
        v = Value::string({from, size});
        from += size;
        break;
      }
      case ValueType::kTimestamp:
        v = Value::timestamp({take<std::int64_t>(from)});
        break;
      case ValueType::kDuration:
        v = Value::duration({take<std::int64_t>(from)});
        break;
      case ValueType::kList:
        v = Value::list(take_all(from, arena));
        break;
    }
  }
  return values;
}

}  // namespace

std::string_view write_raw(std::initializer_list<std::span<const Value>> lists, ValueArena& arena) {
  Size count = 0;
  std::size_t room = sizeof count;
  for (const auto& list : lists) {
    count += static_cast<Size>(list.size());
    room += room_for(list);
  }
  char* const raw = static_cast<char*>(arena.allocate(room, 1));
  char* to = put(raw, count);
  for (const auto& list : lists) to = put_all(to, list);
  return {raw, room};
}

std::span<const Value> read_raw(std::string_view raw, ValueArena& arena) {
  const char* from = raw.data();
  return take_all(from, arena);
}

}  // namespace weir::runtime
