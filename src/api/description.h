// The API's description (OpenAPI 3.1): joined once from openapi.json and the files in openapi/,
// and completed with what holds for every route.
//
// It is not only shown: requests are held against it, so a parameter or a member that is not
// described does not exist.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace winback::api {

// Items on a page of a list that is made whole.
constexpr int cut_limit_max = 1'000;

struct QueryParameter {
    std::string name;
    bool required = false;
    bool repeats = false;
    const nlohmann::json* schema = nullptr;
};

struct Operation {
    std::vector<QueryParameter> query;
    const nlohmann::json* body = nullptr;  // The schema of a JSON body; null: it takes none.
    bool body_required = false;
    const nlohmann::json* answer = nullptr;  // The schema of 200.
    // The member of an answer that `fields` choose within ("x-items"); empty: the answer itself.
    std::string items;
    bool pages = false;  // Takes `after`.
    // The member that names an item of a list which is made whole and cut into pages behind its
    // handler ("x-cut"); empty: it is not.
    std::string cut;

    bool takes(std::string_view parameter) const;
};

class Description {
public:
    static const Description& own();

    // `pattern` as the router has it: "/api/v1/customers/:id". Null when it is not described.
    const Operation* find(std::string_view method, std::string_view pattern) const;
    const nlohmann::json& document() const { return document_; }
    const std::string& text() const { return text_; }

private:
    Description();
    void join();
    void complete();
    void read();

    nlohmann::json document_;
    std::string text_;
    std::map<std::string, Operation, std::less<>> operations_;  // "GET /api/v1/customers/{id}"
};

}  // namespace winback::api
