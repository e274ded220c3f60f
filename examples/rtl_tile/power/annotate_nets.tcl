# read_saif of OpenSTA finds ports and pins of cells; names of RTL are nets. This gives what the trace says of a net to the
# pin that drives it. Clocks keep the activity of create_clock.
#   annotate_nets FILE SCOPE PERIOD_PS: nets below SCOPE ("tb/u_npu") of a SAIF file whose time is in picoseconds
proc annotate_nets {file scope period_ps} {
    set channel [open $file]
    set tokens [regexp -all -inline {[()]|"[^"]*"|[^\s()]+} [read $channel]]
    close $channel
    set duration [lindex $tokens [expr {[lsearch -exact $tokens DURATION] + 1}]]
    set levels {}
    set found 0
    set missed {}
    # Of each open parenthesis: whether it is an instance.
    set open {}
    for {set i 0} {$i < [llength $tokens]} {incr i} {
        set token [lindex $tokens $i]
        if {$token eq ")"} {
            if {[lindex $open end]} { set levels [lrange $levels 0 end-1] }
            set open [lrange $open 0 end-1]
        } elseif {$token eq "("} {
            set word [lindex $tokens [expr {$i + 1}]]
            lappend open [expr {$word eq "INSTANCE"}]
            if {$word eq "INSTANCE"} {
                lappend levels [string map {\\ {}} [lindex $tokens [expr {$i + 2}]]]
            } elseif {$word eq "T0"} {
                # (NAME (T0 n) (T1 n) ...: the name stands two tokens before.
                set name [string map {\\ {}} [lindex $tokens [expr {$i - 1}]]]
                set path [join $levels /]/$name
                if {![string match $scope/* $path]} { continue }
                array set counts {T0 0 T1 0 TX 0 TC 0}
                for {set j $i} {[lindex $tokens $j] eq "("} {incr j 4} {
                    set counts([lindex $tokens [expr {$j + 1}]]) [lindex $tokens [expr {$j + 2}]]
                }
                set duty [expr {double($counts(T1)) / $duration}]
                set activity [expr {double($counts(TC)) * $period_ps / $duration}]
                if {[annotate_net [string range $path [string length $scope/] end] $activity $duty]} {
                    incr found
                } else {
                    lappend missed $path
                }
            }
        }
    }
    puts "annotated $found nets; [llength $missed] are not in the netlist: $missed"
}

# Whether there is such a net.
proc annotate_net {name activity duty} {
    set port [get_ports -quiet $name]
    if {$port ne ""} {
        if {[get_property $port direction] eq "input" && ![is_clock_source $name]} {
            set_power_activity -input_ports $port -activity $activity -duty $duty
        }
    }
    set net [get_nets -quiet $name]
    foreach pin [get_pins -quiet -of_objects $net] {
        if {[get_property $pin direction] eq "output"} {
            set_power_activity -pins $pin -activity $activity -duty $duty
        }
    }
    return [expr {$port ne "" || $net ne ""}]
}

proc is_clock_source {name} {
    foreach clock [all_clocks] {
        foreach source [get_property $clock sources] {
            if {[get_full_name $source] eq $name} { return 1 }
        }
    }
    return 0
}
