internal import CKernels

extension Kernel {
    static let embed = Kernel(HAY_KERNEL_embed)
    static let matmul = Kernel(HAY_KERNEL_matmul)
    static let rmsNorm = Kernel(HAY_KERNEL_rms_norm)
    static let layerNorm = Kernel(HAY_KERNEL_layer_norm)
    static let ropeTable = Kernel(HAY_KERNEL_rope_table)
    static let rope = Kernel(HAY_KERNEL_rope)
    static let storeKV = Kernel(HAY_KERNEL_store_kv)
    static let attention = Kernel(HAY_KERNEL_attention)
    static let add = Kernel(HAY_KERNEL_add)
    static let activate = Kernel(HAY_KERNEL_activate)
    static let gated = Kernel(HAY_KERNEL_gated)
    static let gatedClamped = Kernel(HAY_KERNEL_gated_clamped)
    static let softCap = Kernel(HAY_KERNEL_soft_cap)
    static let scaleRows = Kernel(HAY_KERNEL_scale_rows)
    static let gatherRows = Kernel(HAY_KERNEL_gather_rows)
    static let convert = Kernel(HAY_KERNEL_convert)
    static let quantize = Kernel(HAY_KERNEL_quantize)
    static let route = Kernel(HAY_KERNEL_route)
    static let expertOrder = Kernel(HAY_KERNEL_expert_order)
    static let expertMatmul = Kernel(HAY_KERNEL_expert_matmul)
    static let expertSum = Kernel(HAY_KERNEL_expert_sum)
}

extension Tensor {
    /// Runs a kernel that writes this tensor.
    func compute<Params: BitwiseCopyable>(
        _ kernel: Kernel, _ input0: Tensor, _ input1: Tensor? = nil, _ input2: Tensor? = nil, _ input3: Tensor? = nil,
        _ input4: Tensor? = nil, _ input5: Tensor? = nil, _ input6: Tensor? = nil, _ input7: Tensor? = nil,
        columns: Int, rows: Int, _ params: Params
    ) {
        var call = KernelCall(kernel: kernel, output: operand, columns: columns, rows: rows, params: .init(params))
        call.inputs = (
            input0.operand, input1?.operand, input2?.operand, input3?.operand, input4?.operand, input5?.operand,
            input6?.operand, input7?.operand
        )
        backend.run(call)
    }
}
