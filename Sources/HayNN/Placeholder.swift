// HayNN
