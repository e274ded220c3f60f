# Run by CTest: what is installed is complete. Each step's output is shown when it fails.
set(prefix ${BUILD}/install_test/prefix)
set(own ${BUILD}/install_test/examples)
set(elsewhere ${BUILD}/install_test/elsewhere)
file(REMOVE_RECURSE ${BUILD}/install_test)
file(MAKE_DIRECTORY ${elsewhere})

function(run)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${elsewhere} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
    if(NOT code EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\nended with ${code}\n${out}${err}")
    endif()
    set(out "${out}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
foreach(file bin/xloop include/xloop/xloop.hpp include/xloop/systemc_model/sim/accelerator.hpp share/xloop/configs/networks/lenet5.yaml
             ${MAN}/man1/xloop.1 ${MAN}/man1/xloop-search.1 share/bash-completion/completions/xloop share/zsh/site-functions/_xloop)
    if(NOT EXISTS ${prefix}/${file})
        message(FATAL_ERROR "${file} was not installed")
    endif()
endforeach()

# The program finds the files that come with it from any folder, by the names that its help gives.
run(${prefix}/bin/xloop estimate configs/experiments/hardware_study.yaml)
run(${prefix}/bin/xloop costs configs/experiments/hardware_study.yaml -s cost_table=configs/tech/generic_22nm.yaml --json)
if(NOT out MATCHES "generic_22nm")
    message(FATAL_ERROR "another cost table was read:\n${out}")
endif()
run(${prefix}/bin/xloop networks --json)
if(NOT out MATCHES "resnet20")
    message(FATAL_ERROR "networks that come along were not listed:\n${out}")
endif()

run(${CMAKE_COMMAND} -S ${SOURCE}/examples -B ${own} -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=${prefix}
    -DCMAKE_CXX_COMPILER=${COMPILER})
run(${CMAKE_COMMAND} --build ${own})
run(${own}/from_cpp ${prefix}/share/xloop/configs)
if(NOT out MATCHES "logits equal those of the untimed chip")
    message(FATAL_ERROR "from_cpp says:\n${out}")
endif()
run(${own}/virtual_platform 1)
file(REMOVE_RECURSE ${BUILD}/install_test)
