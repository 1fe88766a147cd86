# Forward selection of eigenvectors in R spatialreg.
# Usage: forward.R FOLDER, which holds the columns y and x (float64) of a square lattice of queen neighbours. Each line
# read is one task.
suppressMessages({library(spdep); library(spatialreg)})
folder <- commandArgs(trailingOnly = TRUE)[1]
column <- function(name) readBin(file.path(folder, name), "double", file.size(file.path(folder, name)) / 8, endian = "little")
data <- data.frame(y = column("y"), x = column("x"))
side <- as.integer(round(sqrt(nrow(data))))
nb <- cell2nb(side, side, type = "queen")
say <- function(text) { cat(text, "\n", sep = ""); flush(stdout()) }
say(sprintf('{"peer": "spatialreg %s SpatialFiltering"}', packageVersion("spatialreg")))
tasks <- file("stdin", "r")
while (length(readLines(tasks, n = 1)) > 0) {
  seconds <- system.time(result <- SpatialFiltering(y ~ x, data = data, nb = nb, style = "W", ExactEV = FALSE))[["elapsed"]]
  table <- result$selection
  answer <- c(table[, "SelEvec"], table[, "MinMi"], table[, "ZMinMi"])
  writeBin(as.double(answer), file.path(folder, "answer"), endian = "little")
  say(sprintf('{"seconds": %.6f}', seconds))
}
