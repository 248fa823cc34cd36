<?php
  /*
    Broadcast Report EX:
    This example will request a Broadcast 
    report. It will then create an html 
    table to display on the page with all 
    available Broadcast Report fields.
  */

  // Create cURL resource
  $ch = curl_init(); 
  $baseuri = "https://secure.dialogtech.com/ibp_api.php?";

  // API Specific Static Parameters
  $action = "report.clickto";

  // Required User Parameters To Request the API
  $access_key = "foo";
  $secret_access_key = "bar";
  $start_date = "20170101";
  $end_date = "20170131";
  $format = "csv";

  // Construct the full URL
  $full_url = $baseuri . "&action=" . $action .
    "&access_key=" . $access_key .
    "&secret_access_key=" . $secret_access_key .
    "&start_date=" . $start_date .
    "&end_date=" . $end_date .
    "&format=" . $format;

  // Set the URL
  curl_setopt($ch, CURLOPT_URL, $full_url);

  // Sets the return options of the cURL to return the actual result from the curl request, and FALSE on failure
  curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);

  // Sets the $output variable to the result of the curl
  $output = curl_exec($ch);

  // Close curl resource to free up system resources
  curl_close($ch);

  // Basic CSS for the table formatting
  $page_html = "<style>
  td
  {
    border-left:1px solid black;
    border-top:1px solid black;
    text-align:center;
  }
  table
  {
    border-right:1px solid black;
    border-bottom:1px solid black;
  }
</style>\n\n";


  // Create the table
  $table = "<table>\n";
  $rows = str_getcsv($output, "\n");

  foreach($rows as &$row) {
    // Add new row
    $table .= " <tr>\n";
    $cells = str_getcsv($row);

    foreach($cells as &$cell) {
      // Add a new cell
      $table .= "   <td>$cell</td>\n";
    }

    // Complete the new row
    $table .= " </tr>\n";
  }

  // Complete the table
  $table .= "</table>";

  // Echo the CSS and table on the page
  echo $page_html . $table;
?>
