// The models that predictions rest on, their history, and the wish to fit them again.
#include "api/audit.h"
#include "api/model_job.h"
#include "api/routes.h"
#include "host/fits.h"
#include "host/host.h"
#include "host/setting.h"

namespace winback::api {

ValueMap describe_models(Desk& desk) {
    ValueMap map;
    host::Host& host = desk.host();
    const std::optional<model::FittedModels> models = host.models();
    map.set("models", models.has_value() ? model::to_value(*models) : Value());
    map.set("now", host.now());
    map.set("job", desk.part<ModelJob>().state());
    const Result<ValueList> fits = host::read_fits(host.store());
    map.set("fits", fits.has_value() ? *fits : ValueList());
    // Of a folder whose models are older than its history of fits.
    const Result<Value> calibration = host::read_setting(host.store(), host::calibration_setting);
    map.set("calibration", calibration.has_value() ? *calibration : Value());
    return map;
}

void add_model_routes(http::Router& router, const DeskPtr& desk) {
    add_guarded(router, desk, "/api/v1/models", "read",
                [](Desk& at, const http::Request&) { return json_answer(describe_models(at)); });
    add_change(router, desk, "POST", "/api/v1/models/fit", "admin",
               [](Desk& at, const http::Request& request) {
                   ModelJob& job = at.part<ModelJob>();
                   if (!job.start()) {
                       return http::error(409, "conflict", "a fit is under way already");
                   }
                   record_change(at, request, {.what = "models.fit"});
                   return http::json(202, to_json(job.state()));
               });
}

}  // namespace winback::api
