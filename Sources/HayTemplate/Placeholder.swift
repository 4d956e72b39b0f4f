// HayTemplate
