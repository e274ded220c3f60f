#include "systemc_model/sim/wait_chain.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::sim {
namespace {

/// Numbers of the tasks met on the way from `first`; `closed`: index in it at which a cycle begins; -1: none.
struct Chain {
    std::vector<int> tasks;
    int closed = -1;
};

Chain follow(const std::vector<const Task*>& tasks, int first) {
    Chain chain;
    for (int at = first; at >= 0 && tasks[static_cast<std::size_t>(at)];) {
        const auto met = std::find(chain.tasks.begin(), chain.tasks.end(), at);
        if (met != chain.tasks.end()) {
            chain.closed = static_cast<int>(met - chain.tasks.begin());
            break;
        }
        const Wait wait = tasks[static_cast<std::size_t>(at)]->waits_for();
        if (wait.reason.empty())
            break;
        chain.tasks.push_back(at);
        at = wait.producer_task;
    }
    return chain;
}

std::string lines(const std::vector<const Task*>& tasks, const Chain& chain, std::size_t begin) {
    std::string text;
    for (std::size_t i = begin; i < chain.tasks.size(); ++i) {
        const Task& task = *tasks[static_cast<std::size_t>(chain.tasks[i])];
        text += fmt::format("  {}: {}\n", task.place(), task.waits_for().reason);
    }
    return text;
}

}  // namespace

std::string wait_chain(const std::vector<const Task*>& tasks) {
    Chain longest;
    for (std::size_t t = 0; t < tasks.size(); ++t) {
        if (!tasks[t])
            continue;
        const Chain chain = follow(tasks, static_cast<int>(t));
        if (chain.closed >= 0)
            return "cycle of waits, each for the next and the last for the first:\n" +
                   lines(tasks, chain, static_cast<std::size_t>(chain.closed));
        if (chain.tasks.size() > longest.tasks.size())
            longest = chain;
    }
    return longest.tasks.empty() ? "" : "chain of waits, each for the next:\n" + lines(tasks, longest, 0);
}

}  // namespace xloop::sim
