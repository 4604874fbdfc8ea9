// How routes that change the playbook ask which version was changed, and what they answer.
#pragma once

#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "api/desk.h"
#include "api/playbook_writer.h"
#include "api/templates.h"
#include "base/result.h"
#include "base/value.h"
#include "http/request.h"
#include "http/response.h"

namespace winback::api {

// `version` of the body, else what If-Match names ("*": the present one). Fails with
// InvalidArgument when neither says it.
Result<std::uint64_t> base_version_of(Desk& desk,
                                      const http::Request& request,
                                      const nlohmann::json& body);

// The answer to a save: 200, 202 when it waits, 400 with the mistakes under `code`, 409, or 412
// when If-Match asked.
http::Response saved_answer(TemplateDesk& templates,
                            const http::Request& request,
                            const PlaybookSaved& saved,
                            std::string_view code);
// What 200 answers of a save, for answers that say more.
ValueMap saved_value(TemplateDesk& templates, const PlaybookSaved& saved);
// The answer to one that could not begin: 412 when If-Match named a version that there is not.
http::Response not_saved_answer(Desk& desk,
                                const http::Request& request,
                                std::uint64_t base_version,
                                const Error& error);

}  // namespace winback::api
