// HayGeneration
