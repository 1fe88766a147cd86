# Autocorrelation statistics by R spdep on the Boston housing, US election and North Carolina births of spData (CC0).
# Writes autocorrelation_spdep__boston.json, …__elect80.json and …__nc_sids.json: values, neighbours and results.
suppressMessages({library(spdep); library(spData); library(jsonlite)})

tool <- paste0("R ", getRversion(), "; spdep ", packageVersion("spdep"), "; spData ", packageVersion("spData"))
nsim <- 9999
alternatives <- c("greater", "less", "two.sided")
data(boston); data(elect80); data(nc.sids)

# What is written with 15 digits must be what is computed with.
written <- function(x) signif(as.numeric(x), 12)
plain <- function(x) unname(as.numeric(x))
links <- function(nb) lapply(nb, function(v) I(as.integer(v[v > 0]) - 1L))
weights <- function(nb, style) nb2listw(nb, style = style, zero.policy = TRUE)

test <- function(result) list(statistic = plain(result$estimate[1]), expectation = plain(result$estimate[2]),
  variance = plain(result$estimate[3]), z = plain(result$statistic), p = plain(result$p.value))
of_each_alternative <- function(f) setNames(lapply(alternatives, f), alternatives)

# Isolates count as units: adjust.n = FALSE.
global <- function(x, lw) list(
  moran_randomisation = of_each_alternative(function(a) test(moran.test(x, lw, alternative = a, zero.policy = TRUE, adjust.n = FALSE))),
  moran_normality = of_each_alternative(function(a) test(moran.test(x, lw, randomisation = FALSE, alternative = a, zero.policy = TRUE, adjust.n = FALSE))),
  geary_randomisation = of_each_alternative(function(a) test(geary.test(x, lw, alternative = a, zero.policy = TRUE, adjust.n = FALSE))),
  geary_normality = of_each_alternative(function(a) test(geary.test(x, lw, randomisation = FALSE, alternative = a, zero.policy = TRUE, adjust.n = FALSE))))

getis_ord <- function(x, lw) of_each_alternative(function(a)
  test(globalG.test(x, lw, alternative = a, zero.policy = TRUE, adjust.n = FALSE, adjust.x = FALSE)))

local <- function(x, nb, units) {
  lw <- weights(nb, "W")
  table <- function(conditional) {
    m <- localmoran(x, lw, zero.policy = TRUE, conditional = conditional)[units, ]
    list(statistic = plain(m[, 1]), expectation = plain(m[, 2]), variance = plain(m[, 3]), z = plain(m[, 4]), p = plain(m[, 5]))
  }
  list(units = units - 1L, conditional = table(TRUE), total = table(FALSE),
    g = plain(localG(x, weights(nb, "B"), zero.policy = TRUE))[units],
    g_star = plain(localG(x, weights(include.self(nb), "B"), zero.policy = TRUE))[units])
}

# How many of the permutations gave less than, and how many gave at most, the statistic of the data.
ranks <- function(mc) list(n_less = sum(mc$res[1:nsim] < mc$statistic), n_less_equal = sum(mc$res[1:nsim] <= mc$statistic))

set.seed(20260101)
write <- function(name, value) write_json(c(list(tool = tool), value), paste0("autocorrelation_spdep__", name, ".json"), digits = NA, auto_unbox = TRUE)

# Boston: 506 census tracts, sphere of influence neighbours; coordinates in km.
price <- written(boston.c$CMEDV); status <- written(boston.c$LSTAT); rooms <- written(boston.c$RM); crime <- written(boston.c$CRIM)
charles <- as.integer(boston.c$CHAS == "1")
places <- cbind(written(boston.utm[, 1]), written(boston.utm[, 2]))
nb <- boston.soi
lw <- weights(nb, "W")
boston_data <- data.frame(price, status, rooms, crime)
model <- lm(price ~ status + rooms + crime, boston_data)
sampled <- seq(1L, 506L, 5L)
perm <- localmoran_perm(price, lw, nsim = nsim)
bv <- moran_bv(status, price, lw, nsim = 9)
write("boston", list(n = 506, price = price, status = status, rooms = rooms, crime = crime, x = places[, 1], y = places[, 2],
  neighbours = links(nb),
  nearest_6 = lapply(knn2nb(knearneigh(places, k = 6)), function(v) sort(as.integer(v)) - 1L),
  band_1500_m = links(dnearneigh(places, 0, 1.5)),
  global = setNames(lapply(c("B", "W", "C", "U", "S"), function(s) global(price, weights(nb, s))), c("B", "W", "C", "U", "S")),
  getis_ord_B = getis_ord(price, weights(nb, "B")),
  residual_moran_W = of_each_alternative(function(a) test(lm.morantest(model, lw, alternative = a))),
  bivariate_W = plain(bv$t0),
  local = local(price, nb, sampled),
  permutation = list(n = nsim, moran = ranks(moran.mc(price, lw, nsim)), moran_crime = ranks(moran.mc(crime[order(rooms)], lw, nsim)),
    geary_crime = ranks(geary.mc(crime[order(rooms)], lw, nsim)),
    local_moran_folded_p = plain(perm[, "Pr(folded) Sim"]))))

# Elections of 1980: 3,107 counties, their 4 nearest (asymmetric links), six digits a value.
turnout <- signif(elect80$pc_turnout, 6); college <- signif(elect80$pc_college, 6); income <- signif(elect80$pc_income, 6)
sampled <- seq(1L, 3107L, 31L)
lw <- weights(k4, "W")
model <- lm(turnout ~ college + income)
write("elect80", list(n = 3107, turnout = turnout, college = college, income = income, nearest_4 = links(k4),
  global_nearest_4_W = global(turnout, lw),
  getis_ord_nearest_4_B = getis_ord(turnout, weights(k4, "B")),
  residual_moran_nearest_4_W = of_each_alternative(function(a) test(lm.morantest(model, lw, alternative = a))),
  local_nearest_4 = local(turnout, k4, sampled)))

# North Carolina: 100 counties, two of them isolates; sudden infant deaths 1974 a 1,000 births, and map sheets as categories.
rate <- written(1000 * nc.sids$SID74 / nc.sids$BIR74)
sheet <- as.integer(nc.sids$L.id); high <- as.integer(rate > median(rate))
nb <- ncCC89.nb
binary <- weights(nb, "B")
joins <- function(sampling) lapply(0:1, function(k) of_each_alternative(function(a)
  test(joincount.test(factor(high), binary, zero.policy = TRUE, alternative = a, sampling = sampling, adjust.n = FALSE)[[k + 1]])))
multi <- joincount.multi(factor(sheet), binary, zero.policy = TRUE, adjust.n = FALSE)
write("nc_sids", list(n = 100, rate = rate, sheet = sheet, high = high, neighbours = links(nb),
  global = setNames(lapply(c("B", "W", "C", "U", "S"), function(s) global(rate, weights(nb, s))), c("B", "W", "C", "U", "S")),
  getis_ord_B = getis_ord(rate, binary),
  joins_nonfree = joins("nonfree"), joins_free = joins("free"),
  joins_multi = list(kind = rownames(multi), count = plain(multi[, 1]), expectation = plain(multi[, 2]), variance = plain(multi[, 3]), z = plain(multi[, 4])),
  local = local(rate, nb, seq_len(100L)),
  permutation = list(n = nsim, moran = ranks(moran.mc(rate, binary, nsim, zero.policy = TRUE)))))
