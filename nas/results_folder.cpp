#include "nas/results_folder.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace xloop {

ResultsFolder::ResultsFolder(const std::string& folder, const std::string& settings, const std::string& inputs,
                             const SpaceConfig& config, bool fresh)
    : RunFolder(folder, settings, inputs, fresh) {
    common_.total = config.search.test_images;
    common_.epsilon = config.attack.epsilon;
    common_.chip_seed = config.hardware.chip_seed;
}

std::string ResultsFolder::subnet(const std::string& path_text) const {
    const std::string folder = file("subnets/" + folder_name(path_text));
    make_folder(folder);
    return folder;
}

std::optional<EvaluatedSubnet> ResultsFolder::find(const std::string& path_text) const {
    const std::string folder = subnet(path_text), evaluation = folder + "/evaluation.json",
                      workload = folder + "/workload.yaml";
    if (!std::filesystem::exists(evaluation))
        return std::nullopt;
    const std::string text = read_checked(evaluation, advice);
    read_checked(workload, advice);
    EvaluatedSubnet found;
    try {
        found.accuracy = AccuracyTable::from_json(Json::parse(text).at("accuracy"), common_);
    } catch (const std::exception& e) {
        throw InputError(fmt::format("{}: is damaged ({}); {}", evaluation, e.what(), advice));
    }
    found.workload = load_workload(workload);
    return found;
}

void ResultsFolder::keep(const SubnetRecord& subnet_record, const WorkloadGraph& workload) {
    const std::string folder = subnet(subnet_record.path);
    save_workload(workload, folder);
    Json json = subnet_record.json();
    json.erase("on_front");  // not known yet
    json.erase("chosen");
    write_checked(folder + "/evaluation.json", json.dump(2) + "\n");
}

std::string folder_name(const std::string& path_text) {
    std::string name = path_text == "-" ? "network" : path_text;
    std::replace(name.begin(), name.end(), ' ', '_');
    std::replace(name.begin(), name.end(), '=', '-');
    return name;
}

}  // namespace xloop
