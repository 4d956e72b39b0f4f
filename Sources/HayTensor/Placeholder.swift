// HayTensor
