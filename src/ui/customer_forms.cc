// What can be done on a customer's page and on the list, as forms that work without scripts.
#include "api/access.h"
#include "api/customer_actions.h"
#include "api/customer_export.h"
#include "api/views.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/customer_page.h"

namespace winback::ui {
namespace {

using Act = Status (*)(const api::Acting& acting, const http::Pairs& form);

Status note(const api::Acting& acting, const http::Pairs& form) {
    return api::add_note(acting, field_of(form, "text"));
}

Status note_delete(const api::Acting& acting, const http::Pairs& form) {
    return api::delete_note(acting, field_of(form, "note"));
}

Status tag(const api::Acting& acting, const http::Pairs& form) {
    return api::set_tag(acting, field_of(form, "tag"), true);
}

Status untag(const api::Acting& acting, const http::Pairs& form) {
    return api::set_tag(acting, field_of(form, "tag"), false);
}

Status suppress(const api::Acting& acting, const http::Pairs& form) {
    return api::set_suppressed(acting, true, field_of(form, "reason"));
}

Status lift(const api::Acting& acting, const http::Pairs& form) {
    return api::set_suppressed(acting, false, field_of(form, "reason"));
}

Status consent(const api::Acting& acting, const http::Pairs& form) {
    return api::change_consent(acting, field_of(form, "channel"), field_of(form, "state"),
                               field_of(form, "reason"), field_of(form, "topic"));
}

Status erase(const api::Acting& acting, const http::Pairs& form) {
    return api::erase_customer(acting, field_of(form, "confirm"), field_of(form, "reason"));
}

struct CustomerForm {
    std::string_view name;  // Of the path, of the text customer.problem_<name>, of said.
    std::string_view scope;
    Act act;
    std::string_view typed;  // The field that is shown again when it was wrong.
};
constexpr CustomerForm customer_forms[] = {
    {"note", "write", note, "text"},
    {"note_delete", "write", note_delete, ""},
    {"tag", "write", tag, "tag"},
    {"untag", "write", untag, ""},
    {"suppress", "write", suppress, "reason"},
    {"lift", "write", lift, "reason"},
    {"consent", "write", consent, "reason"},
    {"erase", "admin", erase, "reason"},
};

http::Response take(const CustomerForm& form_of,
                    api::Desk& desk,
                    const Pages& pages,
                    const http::Request& request,
                    const http::Pairs& form,
                    const host::Key& who) {
    if (!api::may(who, "personal")) {
        return problem(pages, frame_of(desk, request), 403);
    }
    const Status done = form_of.act({desk, who, std::string(request.param("id"))}, form);
    if (done) {
        const std::string said = "said=customer_" + std::string(form_of.name);
        return form_of.name == "erase"
                   ? see_other("/customers?" + said)
                   : see_other("/customers/" + http::percent_encode(request.param("id")) + "?" +
                               said);
    }
    const ErrorCode code = done.error().code;
    if (code == ErrorCode::InvalidArgument || code == ErrorCode::PermissionDenied) {
        return show_customer(
            desk, pages, request,
            {std::string(form_of.name),
             form_of.typed.empty() ? std::string() : field_of(form, form_of.typed)});
    }
    return problem(pages, frame_of(desk, request), http::error(done.error()).status);
}

// "query" is the address of the list as it stands.
Result<api::CustomerFilter> filter_in(const http::Pairs& form) {
    http::Request address;
    WINBACK_TRY(address.query, http::parse_query(field_of(form, "query")));
    return api::customer_filter_of(address, directory::Order::ValueAtRisk);
}

http::Response view_save(api::Desk& desk,
                         const Pages& pages,
                         const http::Request& request,
                         const http::Pairs& form,
                         const host::Key& who) {
    const Result<api::CustomerFilter> filter = filter_in(form);
    const Status saved = [&]() -> Status {
        WINBACK_TRY(const api::CustomerFilter list, filter);
        WINBACK_TRY(const std::string id, api::save_view(desk, who, field_of(form, "name"), list,
                                                         field_of(form, "shared") == "true"));
        static_cast<void>(id);
        return Ok{};
    }();
    if (!saved) {
        return problem(pages, frame_of(desk, request), http::error(saved.error()).status);
    }
    return see_other("/customers?" + http::format_query(filter->address()) +
                     "&said=customers_view_saved");
}

http::Response view_delete(api::Desk& desk,
                           const Pages& pages,
                           const http::Request& request,
                           const http::Pairs& form,
                           const host::Key& who) {
    const Status done = api::delete_view(desk, who, field_of(form, "view"));
    return done ? see_other("/customers?said=customers_view_deleted")
                : problem(pages, frame_of(desk, request), http::error(done.error()).status);
}

}  // namespace

void add_customer_forms(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    for (const CustomerForm& form_of : customer_forms) {
        add_form(router, desk, pages, "/customers/:id/" + std::string(form_of.name), form_of.scope,
                 [&form_of](api::Desk& at, const Pages& all, const http::Request& request,
                            const http::Pairs& form, const host::Key& who) {
                     return take(form_of, at, all, request, form, who);
                 });
    }
    add_form(router, desk, pages, "/customers/views", "personal", view_save);
    add_form(router, desk, pages, "/customers/views/delete", "personal", view_delete);
    const std::weak_ptr<api::Desk> weak = desk;
    add_page(router, desk, pages, "/customers/export", "personal",
             [weak](api::Desk&, const Pages&, const http::Request& request) {
                 return api::export_customers(weak.lock(), request);
             });
    add_page(router, desk, pages, "/customers/:id/export", "personal",
             [weak](api::Desk&, const Pages&, const http::Request& request) {
                 return api::export_customer(weak.lock(), request);
             });
}

}  // namespace winback::ui
