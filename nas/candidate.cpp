#include "nas/candidate.hpp"

namespace xloop {

Json SubnetRecord::json() const {
    Json json;
    json["path"] = path;
    json["accuracy"] = accuracy.json();
    json["on_front"] = on_front;
    json["chosen"] = chosen;
    json["estimate"] = estimate.json();
    if (!simulation.is_null())
        json["simulation"] = simulation;
    return json;
}

}  // namespace xloop
