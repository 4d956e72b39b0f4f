// HayTokenizer
