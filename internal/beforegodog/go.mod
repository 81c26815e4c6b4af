module beforegodog

go 1.26.0
