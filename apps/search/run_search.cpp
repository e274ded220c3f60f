#include "apps/search/run_search.hpp"

#include "apps/search/run_report.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <cstdio>

namespace xloop {

void run_search(const PipelineOptions& options) {
    Pipeline pipeline(options);
    try {
        if (pipeline.study().judges()) {
            spdlog::info("1/3 training the supernet of {} ({} subnets)", pipeline.space().name,
                         pipeline.space().path_count());
            pipeline.train();
        } else {
            spdlog::info("1/3 no training: no accuracy is an objective or a constraint");
        }
        spdlog::info("2/3 searching {} candidates by {}", pipeline.study().space().size_text(),
                     name_of(pipeline.config().search.optimiser.method));
        const SearchResult result = pipeline.search();
        const RunReport report = make_run_report(pipeline.study(), pipeline.folder(), result);
        write_run_report(report, pipeline.config().search, pipeline.folder());
        if (options.json)
            fmt::print("{}\n", report.json.dump(2));
        else
            fmt::print("{}\nresults: {}\n", report.summary, pipeline.folder().path());
    } catch (const Interrupted&) {
        throw Interrupted(pipeline.folder().last_words());
    }
}

}  // namespace xloop
