#include "api/strict_json.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/excerpt.h"

namespace winback::api {
namespace {

using nlohmann::json;

// Hears what the parser reads, and says what a lenient reader would pass over.
class Watch {
public:
    bool operator()(int depth, json::parse_event_t event, const json& value) {
        using Event = json::parse_event_t;
        if (event == Event::object_start || event == Event::array_start) {
            if (depth >= json_depth_max && fault_.empty()) {
                fault_ = "it is nested deeper than " + std::to_string(json_depth_max) + " levels";
            }
            names_.emplace_back();
        } else if (event == Event::object_end || event == Event::array_end) {
            names_.pop_back();
        } else if (event == Event::value && value.is_string()) {
            look_at(value.get_ref<const std::string&>());
        } else if (event == Event::key) {
            const auto& name = value.get_ref<const std::string&>();
            look_at(name);
            if (!names_.back().insert(name).second && fault_.empty()) {
                fault_ = "the name '" + excerpt(name) + "' stands twice in an object";
            }
        }
        return true;
    }
    const std::string& fault() const { return fault_; }

private:
    // Nobody types these, and pages and files would show them as they are.
    void look_at(const std::string& text) {
        const auto found = std::find_if(text.begin(), text.end(), [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
        });
        if (found != text.end() && fault_.empty()) {
            fault_ = "a text holds a control character; only tabs and line ends may stand there";
        }
    }

    std::vector<std::set<std::string>> names_;
    std::string fault_;
};

}  // namespace

Result<json> parse_strict(std::string_view text) {
    Watch watch;
    json value;
    try {
        value = json::parse(text.begin(), text.end(),
                            [&watch](int depth, json::parse_event_t event, json& part) {
                                return watch(depth, event, part);
                            });
    } catch (const json::parse_error& error) {
        return Error{
            ErrorCode::InvalidArgument,
            "the body is not JSON: something is wrong at byte " + std::to_string(error.byte)};
    } catch (const json::exception&) {
        return Error{ErrorCode::InvalidArgument, "the body is not JSON: a number is too large"};
    }
    if (!watch.fault().empty()) {
        return Error{ErrorCode::InvalidArgument, "the body is refused: " + watch.fault()};
    }
    return value;
}

Value value_of(const json& tree) {  // NOLINT(misc-no-recursion): at most json_depth_max deep
    switch (tree.type()) {
        case json::value_t::boolean:
            return tree.get<bool>();
        case json::value_t::number_integer:
            return tree.get<std::int64_t>();
        case json::value_t::number_unsigned: {
            const auto number = tree.get<std::uint64_t>();
            return number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                       ? Value(static_cast<std::int64_t>(number))
                       : Value(tree.get<double>());
        }
        case json::value_t::number_float:
            return tree.get<double>();
        case json::value_t::string:
            return tree.get<std::string>();
        case json::value_t::array: {
            ValueList list;
            for (const auto& item : tree) {
                list.push_back(value_of(item));
            }
            return list;
        }
        case json::value_t::object: {
            ValueMap map;
            for (const auto& [name, item] : tree.items()) {
                map.append(name, value_of(item));
            }
            return map;
        }
        case json::value_t::null:
        case json::value_t::binary:
        case json::value_t::discarded:
            break;
    }
    return {};
}

}  // namespace winback::api
