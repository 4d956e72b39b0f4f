// Messages, tools and the other parts of the generators' contract are what a program that imports Hayloft works with.
@_exported import HayComponents
@_exported import HayJSON
