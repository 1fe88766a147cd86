# Moran with permutations in R spdep.
# Usage: moran.R FOLDER, which holds the columns x, y, z (float64), and `neighbours`, how many of them. Reads tasks, a
# line each: `global` or `local`.
suppressMessages(library(spdep))
n_permutations <- 999
folder <- commandArgs(trailingOnly = TRUE)[1]
column <- function(name) readBin(file.path(folder, name), "double", file.size(file.path(folder, name)) / 8, endian = "little")
z <- column("z")
k <- as.integer(readLines(file.path(folder, "neighbours"), warn = FALSE))
lw <- nb2listw(knn2nb(knearneigh(cbind(column("x"), column("y")), k = k)), style = "W")
say <- function(text) { cat(text, "\n", sep = ""); flush(stdout()) }
say(sprintf('{"peer": "spdep %s"}', packageVersion("spdep")))
tasks <- file("stdin", "r")
while (length(task <- readLines(tasks, n = 1)) > 0) {
  if (task == "global") {
    seconds <- system.time(result <- moran.mc(z, lw, nsim = n_permutations))[["elapsed"]]
    answer <- unname(result$statistic)
  } else {
    seconds <- system.time(result <- localmoran_perm(z, lw, nsim = n_permutations))[["elapsed"]]
    answer <- unname(result[, 1])
  }
  writeBin(as.double(answer), file.path(folder, "answer"), endian = "little")
  say(sprintf('{"seconds": %.6f}', seconds))
}
