"""What measuring over HTTP needs: a load generator, servers, and plain sites to compare with."""
