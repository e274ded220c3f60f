// A tile as a user's design might have it: two processing elements, a buffer, a bus, an accumulator, a vector unit and a
// controller. Names are the design's own; name_map.yaml says which of the model's signals each of them is.
// Arrays with their converters and the memory are macros. There is no reset: the model has none.
`default_nettype none

(* blackbox *)
module cim_16x16 (
    input  wire        ck,
    input  wire        go,
    input  wire [15:0] wl,
    input  wire        hold,
    input  wire        conv,
    output wire        eoc,
    output wire [5:0]  dout
);
endmodule

(* blackbox *)
module sram_256x32 (
    input  wire        ck,
    input  wire        ce,
    input  wire        we,
    input  wire [7:0]  a,
    input  wire [31:0] d,
    output wire [31:0] q
);
endmodule

module pe (
    input  wire        ck,
    input  wire        on,
    input  wire [1:0]  phase,
    input  wire        load,
    input  wire [31:0] word,
    output reg  [63:0] result
);
    reg  [127:0] vec;
    reg          go;
    reg  [15:0]  wl;
    reg          hold;
    reg          conv;
    wire         eoc;
    wire [5:0]   dout;
    reg  [21:0]  sum;

    cim_16x16 u_xb (.ck(ck), .go(go), .wl(wl), .hold(hold), .conv(conv), .eoc(eoc), .dout(dout));

    // One bit of each of the 16 inputs in a read, the lowest first; a conversion for each column.
    always @(posedge ck) if (on) begin
        if (load & (phase == 2'd1))
            vec <= {word, vec[127:32]};
        else if (go)
            vec <= {1'b0, vec[127:1]};
        go <= (phase == 2'd2) & ~go & ~conv;
        wl <= (phase == 2'd2) ? {vec[120], vec[112], vec[104], vec[96], vec[88], vec[80], vec[72], vec[64],
                                 vec[56], vec[48], vec[40], vec[32], vec[24], vec[16], vec[8], vec[0]} : 16'd0;
        hold <= go;
        conv <= hold | (conv & ~eoc);
        if (eoc) begin
            sum <= {sum[20:0], 1'b0} + {{16{dout[5]}}, dout};
            result <= {result[41:0], sum};
        end
    end
endmodule

module npu_tile (
    input  wire        ck,
    input  wire        on,
    input  wire        rx_vld,
    input  wire        tx_rdy,
    output reg         tx_vld,
    output reg  [3:0]  room,
    output reg  [31:0] act
);
    reg  [1:0]  phase;
    reg         mem_ce;
    reg         mem_we;
    reg  [7:0]  mem_a;
    reg  [31:0] mem_d;
    wire [31:0] mem_q;
    reg         xfer_vld;
    reg  [31:0] xfer;
    wire [63:0] res0;
    wire [63:0] res1;
    reg         acc_we;
    reg  [1:0]  acc_slot;
    reg  [31:0] acc;
    reg         act_on;

    sram_256x32 u_mem (.ck(ck), .ce(mem_ce), .we(mem_we), .a(mem_a), .d(mem_d), .q(mem_q));
    pe u_pe0 (.ck(ck), .on(on), .phase(phase), .load(xfer_vld), .word(xfer), .result(res0));
    pe u_pe1 (.ck(ck), .on(on), .phase(phase), .load(xfer_vld), .word(xfer), .result(res1));

    // Words of an input vector go from the memory to the elements; results are summed, activated and sent.
    always @(posedge ck) if (on) begin
        phase <= (rx_vld | act_on | (&mem_a[1:0])) ? phase + 2'd1 : phase;
        mem_ce <= rx_vld | (phase == 2'd1);
        mem_we <= rx_vld;
        if (mem_ce)
            mem_a <= mem_a + 8'd1;
        mem_d <= (phase == 2'd3) ? act : xfer;
        xfer_vld <= mem_ce & ~mem_we;
        xfer <= (phase == 2'd3) ? acc : mem_q;
        acc_we <= (phase == 2'd3);
        acc_slot <= acc_slot + {1'b0, acc_we};
        if (acc_we)
            acc <= ((acc_slot == 2'd0) ? 32'd0 : acc) + res0[31:0] + res1[31:0] + res0[63:32] + res1[63:32];
        act_on <= acc_we;
        if (act_on)
            act <= acc[31] ? 32'd0 : acc;
        tx_vld <= act_on | (tx_vld & ~tx_rdy);
        room <= room + {3'd0, tx_vld & tx_rdy} - {3'd0, act_on};
    end
endmodule

`default_nettype wire
