#pragma once

#include "apps/page/page.hpp"
#include "core/json.hpp"

#include <string>
#include <vector>

namespace xloop::page {

/// A result on disk: a file, or a folder with the file that tells what it is.
struct Result {
    std::string path;    ///< as it was given
    std::string folder;  ///< empty: a file by itself
    std::string file;    ///< that was read
    std::string name;    ///< of the folder, or of the file without its ending
    Json json;           ///< what the file says; of a file of lines of JSON a list; of a database null
};

// One function for each kind: what a result says, the first paragraph in one sentence for the page's summary. They throw
// InputError or Json::exception where the result is not as xloop writes it.
Section hardware_section(const Result& result);     ///< estimate, simulate
Section validation_section(const Result& result);   ///< validate
Section search_section(const Result& result);       ///< run, search
Section evaluation_section(const Result& result);   ///< eval of a trained network
Section subnet_section(const Result& result);       ///< eval of a subnet
Section attack_section(const Result& result);       ///< attack
Section training_section(const Result& result);     ///< train
Section sensitivity_section(const Result& result);  ///< analyse
Section sweep_section(const Result& result);        ///< sweep
/// Of all that `xloop compare` could read of these results; without a title where that is less than two runs.
Section comparison_section(const std::vector<Result>& results);

/// Parts on the hardware of one estimate or simulation. `file` names it in messages.
std::vector<Section> hardware_parts(const Json& json, const std::string& file);
/// "Estimate of NETWORK: ..." in one sentence.
std::string hardware_words(const Json& json, const std::string& file);
/// Tiles as they lie, coloured by what is chosen; no figure where the result does not say it.
std::vector<Figure> floor_plans(const Json& json);
/// When each layer works on each image; none where the result does not say it.
std::vector<Figure> gantts(const Json& json);
/// Loss and accuracy by epoch; `epochs`: lines of metrics.jsonl.
Section learning_part(const Json& epochs);
/// What it was made from: `facts` by name, then the settings that are not default, then all.
Section provenance(const Json& configuration, std::vector<std::pair<std::string, std::string>> facts);
/// The same with what the folder's effective_config.yaml says, the program's version first; `command`: what makes the same again
/// from that file.
Section folder_provenance(const Result& result, std::vector<std::pair<std::string, std::string>> facts,
                          const std::string& command);
/// The lines of a file of JSON, as a list; a last line that was not finished is left out.
Json read_lines(const std::string& file);

}  // namespace xloop::page
