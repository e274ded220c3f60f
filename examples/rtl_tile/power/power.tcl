# Power of the synthesised skeleton under the activity of a trace: OpenSTA 2.6 or newer.
#   sta -exit power.tcl          with netlist.v, cells.lib and ../trace.saif in place
set saif ../trace.saif
set scope tb/u_npu
# That of clock.frequency_ghz; the unit is that of cells.lib, here nanoseconds.
set period 1.0

read_liberty cells.lib
read_liberty macros.lib
read_verilog netlist.v
link_design npu_tile
create_clock -name ck -period $period [get_ports ck]

# Ports and pins of macros, then the nets between.
read_saif -scope $scope $saif
source annotate_nets.tcl
annotate_nets $saif $scope [expr {1000 * $period}]

report_activity_annotation
report_power -digits 4
report_power -instances [get_cells {u_pe0 u_pe1}] -digits 4
