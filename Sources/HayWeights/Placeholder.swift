// HayWeights
